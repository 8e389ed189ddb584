using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Pooling;

namespace Differential.Core.Networks;

/// <summary>How a plan is laid out: which layers become nodes, and which tensors they share.</summary>
public sealed partial class NetworkPlan
{
    /// <summary>Parts of a batch in which a gradient comes to the place of an output.</summary>
    private const int Parts = 8;

    /// <summary>A convolution whose input gradient is taken in parts has this many times as many inputs in the largest batch as weights, which are packed for each part.</summary>
    private const int InputsPerWeight = 8;

    private Tensor<float>? _features;
    private Tensor<float>? _featureSource;

    /// <summary>
    /// Activations that a backward pass needs stay, or are recomputed. The others, and gradients by activations, live in buffers that are taken again as soon
    /// as nobody needs what they hold; a training step's gradients in the place of activations where those have done their work.
    /// </summary>
    private Node[] CreateNodes(Activations activations)
    {
        IReadOnlyList<FusedLayer> layers = FusedGraph.Of(_network.Architecture, _purpose);
        PlannedLayer[] planned = [.. layers.Select(layer => _owned.Add(layer.Layer.Plan(_network, MaxBatch, layer.Fusion)))];
        int[] lengths = [.. layers.Select(static layer => layer.Layer.Output.Length)];
        var uses = new OutputUses(layers, planned, _purpose);
        Layout layout = Lay(Activations.Kept);
        if (activations == Activations.Recomputed && Lay(activations) is var recomputed && recomputed.Length < layout.Length)
        {
            layout = recomputed;
        }

        (OutputPlaces outputs, Overwriting[] overwritten, GradientPlaces? gradients, BufferPlan buffers) = (layout.Outputs, layout.Overwritten, layout.Gradients, layout.Buffers);
        _segments = outputs.Segments;
        _overwrites = _segments.Length > 1 || Array.Exists(overwritten, static node => node.IsDone);
        DeviceRoom.Check(Device, MaxBatch * layout.Length, $"the activations of a batch of {MaxBatch}");
        Tensor<float>[] shared = [.. buffers.Lengths.Select(length => _owned.Add(Device.Allocate(new Shape(MaxBatch, length))))];
        Tensor<float>? room = outputs.Room > 0 ? _owned.Add(Device.Allocate(new Shape(MaxBatch, outputs.Room))) : null;
        Tensor<float>[] places = [.. layers.Select((layer, i) => Output(layer.Layer, i))];
        Node[] nodes = [.. layers.Select((layer, i) => CreateNode(layer, i))];
        if (gradients is not null)
        {
            BindGradients(layers, nodes, gradients, overwritten, shared);
        }

        foreach (Node node in nodes)
        {
            node.Planned.Reserve(Array.Exists(node.InputGradients, static gradient => gradient is not null), node.TakesPart && _purpose == PlanPurpose.Training);
        }

        return nodes;

        Layout Lay(Activations activations)
        {
            var buffers = new BufferPlan();
            var outputs = new OutputPlaces(lengths, uses, activations, buffers, MaxBatch);
            Overwriting[] overwritten = [.. layers.Select((_, i) => Overwrites(layers, planned, uses, outputs, i))];
            GradientPlaces? gradients = _purpose == PlanPurpose.Inference
                ? null
                : new GradientPlaces(layers, lengths, _purpose == PlanPurpose.Attack ? SampleShape.Length : null, overwritten, buffers);
            long length = lengths.Where((_, i) => outputs.IsOwn(i)).Concat(buffers.Lengths).Sum(static length => (long)length) + outputs.Room;
            return new Layout(outputs, overwritten, gradients, buffers, length);
        }

        Tensor<float> Output(Layer layer, int i)
        {
            Shape shape = i == uses.End && Scores == 1 ? new Shape(MaxBatch) : layer.Output.Batched(MaxBatch);
            return outputs.IsOwn(i) ? _owned.Add(Device.Allocate(shape))
                : outputs.Buffer(i) is var buffer and >= 0 ? shared[buffer].Slice(0, shape)
                : room!.Slice(MaxBatch * outputs.Offset(i), shape);
        }

        Node CreateNode(FusedLayer layer, int i) => new()
        {
            Planned = planned[i],
            Sources = layer.Inputs,
            Inputs = [.. layer.Inputs.Select(source => source >= 0 ? places[source] : places[i])],
            Output = places[i],
            FlatOutput = places[i].Reshape(new Shape(MaxBatch, lengths[i])),
            PooledRelu = IsPooledRelu(layers, uses, i) ? _owned.Add(Relu.Create(Device)) : null,
            IsRepeated = outputs.IsRepeated(i),
            TakesPart = gradients?.TakesPart(i) ?? false,
        };
    }

    private void BindGradients(IReadOnlyList<FusedLayer> layers, Node[] nodes, GradientPlaces places, Overwriting[] overwritten, Tensor<float>[] shared)
    {
        _sum = places.HasSums ? _owned.Add(Addition.Create(Device)) : null;
        _mask = Array.Exists(places.Scratch, static buffer => buffer >= 0) ? _owned.Add(Relu.Create(Device)) : null;
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i].OutputGradient = overwritten[i].IsDone ? nodes[i].Output : places.Buffer(i) is var buffer and >= 0 ? shared[buffer].Slice(0, layers[i].Layer.Output.Batched(MaxBatch)) : null;
            nodes[i].IsMasked = places.Scratch[i] >= 0;
        }

        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i].InputGradients = [.. layers[i].Inputs.Select((source, input) => places.IsNeeded(source) && places.TakesPart(i) ? Edge(i, source, input) : null)];
        }

        EdgeGradient Edge(int i, int source, int input)
        {
            Tensor<float> whole = source < 0 ? _inputGradient! : nodes[source].OutputGradient!;
            int length = whole.Length / MaxBatch;
            return places.Part(i, input) is { } part ? new EdgeGradient(shared[part].Slice(0, whole.Shape), whole, length, null)
                : source >= 0 && places.Scratch[source] is var scratch and >= 0 ? new EdgeGradient(shared[scratch], null, length, SplitBatch.Of(nodes[i].OutputGradient!, whole, MaxBatch, PartSize))
                : new EdgeGradient(whole, null, length, null);
        }
    }

    /// <summary>
    /// The gradient by a node's output takes the output's place in a training step where nobody needs that any more: its only taker does not read it, or reads
    /// each element before it writes it, and the node itself needs no more than the mask of its ReLU. That is taken by a pooling behind it, or
    /// from one part of the batch after the other where samples are independent of one another, as they are on the SIMD device.
    /// </summary>
    private Overwriting Overwrites(IReadOnlyList<FusedLayer> layers, PlannedLayer[] planned, OutputUses uses, OutputPlaces outputs, int node)
    {
        if (_purpose != PlanPurpose.Training || !outputs.Stays(node) || uses.Takers(node) is not [var taker] || taker == uses.End || layers[taker].Inputs.Length > 1 || !planned[taker].IsInPlace)
        {
            return default;
        }

        int length = layers[node].Layer.Output.Length;
        return planned[node].OutputUse switch
        {
            OutputUse.None => new Overwriting(true, 0),
            OutputUse.Signs when IsPooledRelu(layers, uses, node) => new Overwriting(true, 0),
            OutputUse.Signs when Device is SimdDevice && PartSize < MaxBatch && layers[taker].Layer is ConvLayer conv && (long)MaxBatch * length >= (long)InputsPerWeight * conv.Weight.Length =>
                new Overwriting(true, (int)((((long)length * PartSize) + MaxBatch - 1) / MaxBatch)),
            _ => default,
        };
    }

    /// <summary>Samples of a part: enough for every thread.</summary>
    private int PartSize => Math.Max((MaxBatch + Parts - 1) / Parts, Device is SimdDevice simd ? 2 * simd.Threads : MaxBatch);

    /// <summary>Whether a node's ReLU is taken back behind the max-pooling that alone takes its output.</summary>
    private static bool IsPooledRelu(IReadOnlyList<FusedLayer> layers, OutputUses uses, int node) =>
        layers[node].Fusion.Relu && uses.Takers(node) is [var taker] && layers[taker].Layer is PoolLayer { Kind: PoolKind.Max };

    /// <summary>Refuses sizes beyond one tensor before anything is allocated.</summary>
    private void CheckSizes()
    {
        LayerChecks.Elements(LayerPlace.Whole, $"a batch of {MaxBatch} inputs", MaxBatch, SampleShape.Length);
        foreach (Layer layer in _network.Architecture.Layers)
        {
            LayerChecks.Elements(layer.Place, $"the output of a batch of {MaxBatch}", MaxBatch, layer.Output.Length);
        }
    }

    /// <summary>A one-layer network's features are its inputs; the view is made once per input tensor.</summary>
    private void SetFeatures(Tensor<float> input)
    {
        if (_nodes[^1].Sources[0] < 0 && !ReferenceEquals(_featureSource, input))
        {
            _featureSource = input;
            int length = SampleShape.Length;
            _features = input.Slice(0, new Shape(Math.Min(MaxBatch, input.Length / length), length));
        }
    }

    /// <summary>Where everything lies.</summary>
    /// <param name="Outputs">The outputs.</param>
    /// <param name="Overwritten">Of each node how the gradient by its output takes the output's place.</param>
    /// <param name="Gradients">The gradients; null where there are none.</param>
    /// <param name="Buffers">What outputs and gradients share.</param>
    /// <param name="Length">Elements of a sample, all together.</param>
    private sealed record Layout(OutputPlaces Outputs, Overwriting[] Overwritten, GradientPlaces? Gradients, BufferPlan Buffers, long Length);

    /// <summary>Where the gradient by one of a node's inputs goes.</summary>
    /// <param name="Target">Overwritten with the node's own part.</param>
    /// <param name="Sum">To which the part is added; null where it is the first.</param>
    /// <param name="Length">Elements of one sample's part.</param>
    /// <param name="Split">The batch's parts where they come through <paramref name="Target"/> one after the other; null where it comes as a whole.</param>
    private sealed record EdgeGradient(Tensor<float> Target, Tensor<float>? Sum, int Length, SplitBatch? Split);

    /// <summary>A batch in parts.</summary>
    /// <param name="OutputGradients">Of each part the gradient by a node's output.</param>
    /// <param name="Targets">Of each part the output that the node takes, in whose place the gradient by it comes.</param>
    /// <param name="Size">Samples of a part; the last may have fewer.</param>
    private sealed record SplitBatch(Tensor<float>[] OutputGradients, Tensor<float>[] Targets, int Size)
    {
        public static SplitBatch Of(Tensor<float> outputGradient, Tensor<float> target, int maxBatch, int size)
        {
            return new SplitBatch(Slices(outputGradient), Slices(target), size);

            Tensor<float>[] Slices(Tensor<float> whole)
            {
                int length = whole.Length / maxBatch;
                return [.. Enumerable.Range(0, (maxBatch + size - 1) / size).Select(part => whole.Slice(part * size * length, new Shape(Math.Min(size, maxBatch - (part * size)), length)))];
            }
        }
    }

    /// <summary>A planned layer with its tensors.</summary>
    private sealed class Node
    {
        public required PlannedLayer Planned { get; init; }

        /// <summary>The nodes whose outputs it takes; −1 is the network's input.</summary>
        public required int[] Sources { get; init; }

        /// <summary>Their outputs; the network's input is put in at each forward pass.</summary>
        public required Tensor<float>[] Inputs { get; init; }

        public required Tensor<float> Output { get; init; }

        public required Tensor<float> FlatOutput { get; init; }

        /// <summary>The ReLU whose gradient is taken behind the max-pooling that follows.</summary>
        public required Relu? PooledRelu { get; init; }

        /// <summary>Whether it is computed again before the gradients of its segment.</summary>
        public required bool IsRepeated { get; init; }

        /// <summary>Whether backward passes go through the node.</summary>
        public required bool TakesPart { get; init; }

        /// <summary>The gradient by the output; null for the last node, whose gradient is handed in.</summary>
        public Tensor<float>? OutputGradient { get; set; }

        /// <summary>Whether that gradient comes with the ReLU's mask taken.</summary>
        public bool IsMasked { get; set; }

        /// <summary>For each input; null where no gradient by it is needed.</summary>
        public EdgeGradient?[] InputGradients { get; set; } = [];
    }
}
