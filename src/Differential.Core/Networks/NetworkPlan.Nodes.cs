using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Pooling;

namespace Differential.Core.Networks;

/// <summary>How a plan is laid out: which layers become nodes, and which tensors they share.</summary>
public sealed partial class NetworkPlan
{
    private Tensor<float>? _features;
    private Tensor<float>? _featureSource;
    private int _firstWithParameters;

    /// <summary>Layers that compute something, with a ReLU folded into the one before it where that one can take it.</summary>
    private static List<(Layer Layer, bool Relu)> Fuse(IReadOnlyList<Layer> layers)
    {
        var fused = new List<(Layer Layer, bool Relu)>();
        foreach (Layer layer in layers)
        {
            if (layer.IsIdentity)
            {
                continue;
            }

            if (layer is ReluLayer && fused.Count > 0 && fused[^1].Layer.TakesRelu)
            {
                fused[^1] = (fused[^1].Layer, true);
                continue;
            }

            fused.Add((layer, false));
        }

        return fused;
    }

    /// <summary>
    /// Gradients by activations live in two buffers that are used in turn, so do activations where no backward pass
    /// needs them.
    /// </summary>
    private Node[] CreateNodes()
    {
        List<(Layer Layer, bool Relu)> layers = Fuse(_network.Architecture.Layers);
        bool keep = _purpose != PlanPurpose.Inference;
        (Tensor<float>, Tensor<float>)? activations = keep ? null : Pair(layers.Max(static entry => entry.Layer.Output.Length));
        (Tensor<float>, Tensor<float>)? gradients = keep && layers.Count > 1
            ? Pair(layers.Skip(1).Max(static entry => entry.Layer.Input.Length))
            : null;
        var nodes = new Node[layers.Count];
        for (int i = 0; i < nodes.Length; i++)
        {
            (Layer layer, bool relu) = layers[i];
            Shape output = layer.Output.Batched(MaxBatch);
            bool last = i == nodes.Length - 1;
            Tensor<float> y = keep || last ? _owned.Add(Device.Allocate(last && Scores == 1 ? new Shape(MaxBatch) : output)) : Of(activations!.Value, i, output);
            Tensor<float>? dx = keep && i > 0 ? Of(gradients!.Value, i, layer.Input.Batched(MaxBatch)) : null;
            Relu? pooled = relu && i + 1 < nodes.Length && layers[i + 1].Layer is PoolLayer { Kind: PoolKind.Max } ? _owned.Add(Relu.Create(Device)) : null;
            nodes[i] = new Node(_owned.Add(layer.Plan(_network, MaxBatch, relu)), y, dx, y.Reshape(new Shape(MaxBatch, layer.Output.Length)), pooled);
        }

        _firstWithParameters = layers.FindIndex(static entry => entry.Layer.Weight is not null);
        return nodes;

        (Tensor<float>, Tensor<float>) Pair(int length)
        {
            Shape shape = new(MaxBatch, length);
            return (_owned.Add(Device.Allocate(shape)), _owned.Add(Device.Allocate(shape)));
        }

        static Tensor<float> Of((Tensor<float> Even, Tensor<float> Odd) pair, int index, Shape shape) =>
            (index % 2 == 0 ? pair.Even : pair.Odd).Slice(0, shape);
    }

    /// <summary>Refuses sizes beyond one tensor or beyond the device before anything is allocated.</summary>
    private void CheckSizes()
    {
        long elements = 0;
        LayerChecks.Elements(-1, $"a batch of {MaxBatch} inputs", MaxBatch, SampleShape.Length);
        foreach (Layer layer in _network.Architecture.Layers)
        {
            LayerChecks.Elements(layer.Index, $"the output of a batch of {MaxBatch}", MaxBatch, layer.Output.Length);
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
        if (_nodes.Length == 1 && !ReferenceEquals(_featureSource, input))
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
    private void BackwardActivation(int index, Tensor<float> dy, int count)
    {
        Node node = _nodes[index];
        if (index > 0 && _nodes[index - 1].PooledRelu is { } relu)
        {
            relu.Backward(node.Output, dy, dy, count * (node.Output.Length / MaxBatch));
        }

        if (node.PooledRelu is null)
        {
            node.Planned.BackwardActivation(node.Output, dy, count);
        }
    }

    /// <summary>
    /// A planned layer with its output, the gradient by its input (null for the first and for inference), and the ReLU
    /// whose gradient is taken behind the max-pooling that follows.
    /// </summary>
    private sealed record Node(PlannedLayer Planned, Tensor<float> Output, Tensor<float>? InputGradient, Tensor<float> FlatOutput, Relu? PooledRelu);
}
