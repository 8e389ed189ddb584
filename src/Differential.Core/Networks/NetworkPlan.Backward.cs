using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

/// <summary>The backward pass of a plan.</summary>
public sealed partial class NetworkPlan
{
    private int[] _segments = [];
    private bool _overwrites;
    private Addition? _sum;
    private Relu? _mask;

    private void Backward(Tensor<float> dScores, int count)
    {
        int end = _nodes.Length;
        for (int segment = _segments.Length - 1; segment >= 0; segment--)
        {
            int start = _segments[segment];
            if (end < _nodes.Length)
            {
                Repeat(start, end);
            }

            for (int i = end - 1; i >= start; i--)
            {
                if (_nodes[i].TakesPart)
                {
                    Backward(_nodes[i], dScores, count);
                }
            }

            end = start;
        }
    }

    /// <summary>Computes again what the latest forward pass had in a segment.</summary>
    private void Repeat(int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            Node node = _nodes[i];
            if (node.IsRepeated)
            {
                node.Planned.Repeat(node.Inputs, node.Output, _count, _mode);
            }
        }
    }

    private void Backward(Node node, Tensor<float> dScores, int count)
    {
        Tensor<float> dy = node.OutputGradient ?? dScores;
        BackwardActivation(node, dy, count);
        if (_purpose == PlanPurpose.Training)
        {
            node.Planned.BackwardParameters(node.Inputs, dy, count);
        }

        for (int input = 0; input < node.InputGradients.Length; input++)
        {
            switch (node.InputGradients[input])
            {
                case null:
                    break;
                case { Split: { } split } gradient:
                    BackwardInParts(node, input, gradient, split, count);
                    break;
                case { } gradient:
                    node.Planned.BackwardInput(input, node.Inputs, node.Output, dy, gradient.Target, count);
                    if (gradient.Sum is { } sum)
                    {
                        _sum!.Forward(sum, gradient.Target, sum, count * gradient.Length);
                    }

                    break;
            }
        }
    }

    /// <summary>The gradient by an input, with the mask of the ReLU that it comes from, in the place of the input.</summary>
    private void BackwardInParts(Node node, int input, EdgeGradient gradient, SplitBatch split, int count)
    {
        for (int part = 0; part * split.Size < count; part++)
        {
            int size = Math.Min(split.Size, count - (part * split.Size));
            node.Planned.BackwardInput(input, node.Inputs, node.Output, split.OutputGradients[part], gradient.Target, size);
            _mask!.Backward(split.Targets[part], gradient.Target, split.Targets[part], size * gradient.Length);
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

        if (node.PooledRelu is null && !node.IsMasked)
        {
            node.Planned.BackwardActivation(node.Output, dy, count);
        }
    }
}
