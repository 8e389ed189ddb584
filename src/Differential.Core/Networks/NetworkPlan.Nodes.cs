using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Pooling;

namespace Differential.Core.Networks;

/// <summary>How a plan is laid out: which layers become nodes, and which tensors they share.</summary>
public sealed partial class NetworkPlan
{
    private Tensor<float>? _features;
    private Tensor<float>? _featureSource;

    /// <summary>
    /// Activations that a backward pass needs are kept. The others, and gradients by activations, live in buffers that are taken again as soon as
    /// nobody needs what they hold: two of a chain, one more for each branch that is open at a time.
    /// </summary>
    private Node[] CreateNodes()
    {
        IReadOnlyList<FusedLayer> layers = FusedGraph.Of(_network.Architecture, _purpose);
        bool keep = _purpose != PlanPurpose.Inference;
        Tensor<float>[] outputs = CreateOutputs(layers, keep);
        var nodes = new Node[layers.Count];
        for (int i = 0; i < nodes.Length; i++)
        {
            FusedLayer layer = layers[i];
            nodes[i] = new Node
            {
                Planned = _owned.Add(layer.Layer.Plan(_network, MaxBatch, layer.Fusion)),
                Sources = layer.Inputs,
                Inputs = [.. layer.Inputs.Select(source => source >= 0 ? outputs[source] : outputs[i])],
                Output = outputs[i],
                FlatOutput = outputs[i].Reshape(new Shape(MaxBatch, layer.Layer.Output.Length)),
                PooledRelu = layer.Fusion.Relu && IsPooledAlone(layers, i) ? _owned.Add(Relu.Create(Device)) : null,
            };
        }

        if (keep)
        {
            CreateGradients(layers, nodes);
        }

        foreach (Node node in nodes)
        {
            node.Planned.Reserve(Array.Exists(node.InputGradients, static gradient => gradient is not null), node.TakesPart && _purpose == PlanPurpose.Training);
        }

        return nodes;
    }

    private Tensor<float>[] CreateOutputs(IReadOnlyList<FusedLayer> layers, bool keep)
    {
        int end = layers.Count - 1;
        var buffers = new BufferPlan();
        int[] places = keep ? [] : [.. layers.Take(end).Select((layer, i) => buffers.Place(layer.Layer.Output.Length, i, LastUse(i)))];
        Tensor<float>[] shared = Allocate(buffers);
        return
        [
            .. layers.Select((layer, i) =>
            {
                Shape shape = i == end && Scores == 1 ? new Shape(MaxBatch) : layer.Layer.Output.Batched(MaxBatch);
                return keep || i == end ? _owned.Add(Device.Allocate(shape)) : shared[places[i]].Slice(0, shape);
            }),
        ];

        int LastUse(int node) => Enumerable.Range(node + 1, end - node).Last(i => layers[i].Inputs.Contains(node));
    }

    /// <summary>
    /// The gradient by a node's output is written by the last of the nodes that take it, and those before add theirs, from the last to the first:
    /// always in the same order.
    /// </summary>
    private void CreateGradients(IReadOnlyList<FusedLayer> layers, Node[] nodes)
    {
        bool attack = _purpose == PlanPurpose.Attack;
        int end = nodes.Length - 1;
        var isNeeded = new bool[nodes.Length];
        var places = new int[nodes.Length];
        var parts = new Dictionary<(int Node, int Input), int>();
        bool[] overwritten = [.. nodes.Select((_, i) => IsOverwritten(layers, nodes, i))];
        _overwrites = Array.Exists(overwritten, static node => node);
        bool isInputWritten = false;
        var buffers = new BufferPlan();
        Array.Fill(places, -1);
        for (int i = 0; i < nodes.Length; i++)
        {
            isNeeded[i] = attack || layers[i].Layer.Parameters.Count > 0 || layers[i].Inputs.Any(IsNeeded);
            nodes[i].TakesPart = isNeeded[i];
        }

        for (int i = end; i >= 0; i--)
        {
            for (int input = 0; input < layers[i].Inputs.Length && isNeeded[i]; input++)
            {
                int source = layers[i].Inputs[input];
                if (!IsNeeded(source))
                {
                    continue;
                }

                int length = source < 0 ? SampleShape.Length : layers[source].Layer.Output.Length;
                if (source >= 0 && overwritten[source])
                {
                    continue;
                }

                if (source < 0 ? isInputWritten : places[source] >= 0)
                {
                    parts[(i, input)] = buffers.Place(length, end - i, end - i);
                }
                else if (source < 0)
                {
                    isInputWritten = true;
                }
                else
                {
                    places[source] = buffers.Place(length, end - i, end - source);
                }
            }
        }

        Tensor<float>[] shared = Allocate(buffers);
        _sum = parts.Count > 0 ? _owned.Add(Addition.Create(Device)) : null;
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i].OutputGradient = overwritten[i] ? nodes[i].Output : places[i] >= 0 ? shared[places[i]].Slice(0, layers[i].Layer.Output.Batched(MaxBatch)) : null;
        }

        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i].InputGradients =
            [
                .. layers[i].Inputs.Select((source, input) =>
                {
                    if (!IsNeeded(source) || !isNeeded[i])
                    {
                        return null;
                    }

                    Tensor<float> whole = source < 0 ? _inputGradient! : nodes[source].OutputGradient!;
                    return parts.TryGetValue((i, input), out int part)
                        ? new EdgeGradient(shared[part].Slice(0, whole.Shape), whole, whole.Length / MaxBatch)
                        : new EdgeGradient(whole, null, 0);
                }),
            ];
        }

        bool IsNeeded(int source) => source < 0 ? attack : isNeeded[source];
    }

    /// <summary>
    /// Whether a training step puts the gradient by a node's output in the place of the output itself: that of a convolution, which needs it no more, where
    /// its only taker is a pooling that reads each element before it writes it.
    /// </summary>
    private bool IsOverwritten(IReadOnlyList<FusedLayer> layers, Node[] nodes, int node) =>
        _purpose == PlanPurpose.Training && layers[node].Layer is ConvLayer
        && (!layers[node].Fusion.Relu || nodes[node].PooledRelu is not null)
        && Enumerable.Range(0, nodes.Length).Where(i => layers[i].Inputs.Contains(node)).ToArray() is [var taker]
        && layers[taker].Inputs.Length == 1 && nodes[taker].Planned.IsInPlace;

    private Tensor<float>[] Allocate(BufferPlan buffers) => [.. buffers.Lengths.Select(length => _owned.Add(Device.Allocate(new Shape(MaxBatch, length))))];

    /// <summary>Whether a node's only taker is a max-pooling.</summary>
    private static bool IsPooledAlone(IReadOnlyList<FusedLayer> layers, int node) =>
        layers.Where(layer => layer.Inputs.Contains(node)).ToArray() is [{ Layer: PoolLayer { Kind: PoolKind.Max } }];

    /// <summary>Refuses sizes beyond one tensor or beyond the device before anything is allocated.</summary>
    private void CheckSizes()
    {
        long elements = 0;
        LayerChecks.Elements(LayerPlace.Whole, $"a batch of {MaxBatch} inputs", MaxBatch, SampleShape.Length);
        foreach (Layer layer in _network.Architecture.Layers)
        {
            LayerChecks.Elements(layer.Place, $"the output of a batch of {MaxBatch}", MaxBatch, layer.Output.Length);
            elements += (long)MaxBatch * layer.Output.Length;
        }

        if (_purpose != PlanPurpose.Inference)
        {
            DeviceRoom.Check(Device, elements, $"the activations of a batch of {MaxBatch}");
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

    /// <summary>
    /// Takes the gradient by a node's output back through the node's ReLU, in place. A ReLU in front of a max-pooling is
    /// taken back behind it, where there are fewer elements: a window's largest value is positive exactly where the input
    /// that gets its gradient is.
    /// </summary>
    private void BackwardActivation(Node node, Tensor<float> dy, int count)
    {
        if (node.Sources[0] >= 0 && _nodes[node.Sources[0]].PooledRelu is { } relu)
        {
            relu.Backward(node.Output, dy, dy, count * (node.Output.Length / MaxBatch));
        }

        if (node.PooledRelu is null)
        {
            node.Planned.BackwardActivation(node.Output, dy, count);
        }
    }

    /// <summary>Where the gradient by one of a node's inputs goes.</summary>
    /// <param name="Target">Overwritten with the node's own part.</param>
    /// <param name="Sum">To which the part is added; null where it is the first.</param>
    /// <param name="Length">Elements of one sample's part.</param>
    private sealed record EdgeGradient(Tensor<float> Target, Tensor<float>? Sum, int Length);

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

        /// <summary>Whether backward passes go through the node.</summary>
        public bool TakesPart { get; set; }

        /// <summary>The gradient by the output; null for the last node, whose gradient is handed in.</summary>
        public Tensor<float>? OutputGradient { get; set; }

        /// <summary>For each input; null where no gradient by it is needed.</summary>
        public EdgeGradient?[] InputGradients { get; set; } = [];
    }
}
