using Differential.Core.Networks;
using Differential.Kernels.Pooling;

namespace Differential.Core.Tests.Certificates;

/// <summary>A network's scores less their thresholds in any arithmetic, written apart from the bounds.</summary>
internal sealed class ReferenceNetwork
{
    private readonly Network _network;
    private readonly Dictionary<Layer, (float[] Weight, float[] Bias)> _parameters;

    public ReferenceNetwork(Network network)
    {
        _network = network;
        network.EnsureNorms();
        _parameters = network.Architecture.Layers
            .Where(static layer => layer.Weight is not null)
            .ToDictionary(static layer => layer, layer => (network.EffectiveWeight(layer).ToArray(), network.Bias(layer)?.Value.ToArray() ?? []));
    }

    /// <param name="numbers">The arithmetic.</param>
    /// <param name="x">As stored, channels last.</param>
    public T[] Scores<T>(ReferenceNumbers<T> numbers, T[] x)
    {
        InputNormalization normalization = _network.Normalization;
        T[] values = normalization.IsIdentity
            ? x
            : [.. x.Select((value, i) => numbers.Multiply(numbers.Subtract(value, numbers.Of(normalization.Mean[i % normalization.Mean.Count])), numbers.Of(normalization.Scale)))];
        List<T[]> outputs = [values];
        foreach ((Layer layer, IReadOnlyList<int> inputs) in _network.Architecture.Nodes)
        {
            outputs.Add(Apply(numbers, layer, [.. inputs.SelectMany(input => outputs[input + 1])]));
        }

        return [.. outputs[^1].Select((value, i) => numbers.Subtract(value, numbers.Of(_network.Thresholds[i])))];
    }

    /// <summary>Whether scores less thresholds decide against a label: +1 or −1, of several scores the class.</summary>
    public static bool IsFlipped<T>(ReferenceNumbers<T> numbers, T[] scores, int label)
    {
        T zero = numbers.Of(0);
        return scores.Length == 1
            ? numbers.IsLess(zero, scores[0]) != label > 0
            : scores.Where((score, other) => other != label && !numbers.IsLess(score, scores[label])).Any();
    }

    private T[] Apply<T>(ReferenceNumbers<T> numbers, Layer layer, T[] x)
    {
        T zero = numbers.Of(0);
        switch (layer)
        {
            case DenseLayer dense:
                return [.. Enumerable.Range(0, dense.Units).Select(o => Output(numbers.SumOfRow, numbers, layer, o, x.Select((value, i) => ((o * x.Length) + i, value))))];
            case ConvLayer { Geometry: var g }:
                return
                [
                    .. Enumerable.Range(0, g.OutputLength).Select(output => Output(numbers.Sum, numbers, layer, output % g.Filters, Taps(output / g.Filters % g.OutputWidth, output / g.Filters / g.OutputWidth, output % g.Filters))),
                ];

                IEnumerable<(int Weight, T Value)> Taps(int column, int row, int filter) =>
                    from down in Enumerable.Range(0, g.Size)
                    from right in Enumerable.Range(0, g.Size)
                    from channel in Enumerable.Range(0, g.Channels)
                    let y = (row * g.Stride) - g.Padding + down
                    let z = (column * g.Stride) - g.Padding + right
                    where y >= 0 && y < g.Height && z >= 0 && z < g.Width
                    select ((((((filter * g.Channels) + channel) * g.Size) + down) * g.Size) + right, x[(((y * g.Width) + z) * g.Channels) + channel]);
            case ReluLayer:
                return [.. x.Select(value => numbers.IsLess(zero, value) ? value : zero)];
            case MaxMinLayer:
                return [.. x.Select((value, i) => numbers.IsLess(value, x[i ^ 1]) == (i % 2 == 0) ? x[i ^ 1] : value)];
            case FlattenLayer:
                (int pixels, int channels) = (x.Length / layer.Input[layer.Input.Rank - 1], layer.Input[layer.Input.Rank - 1]);
                return layer.Input.Rank == 1 ? x : [.. Enumerable.Range(0, x.Length).Select(i => x[(i % pixels * channels) + (i / pixels)])];
            case AddLayer or MixLayer:
                int length = layer.Output.Length;
                T[] factors = layer is MixLayer mix ? [.. mix.Shares.Select(share => numbers.Of(share))] : [numbers.Of(1), numbers.Of(1)];
                return [.. Enumerable.Range(0, length).Select(i => numbers.Sum([(factors[0], x[i]), (factors[1], x[length + i])], []))];
            case PoolLayer { Geometry: var p } pool:
                return
                [
                    .. Enumerable.Range(0, p.OutputLength).Select(output =>
                    {
                        (int row, int column, int channel) = (output / p.Channels / p.OutputWidth, output / p.Channels % p.OutputWidth, output % p.Channels);
                        T[] window = [.. Enumerable.Range(0, p.Size * p.Size).Select(i => x[(((((row * p.Stride) + (i / p.Size)) * p.Width) + (column * p.Stride) + (i % p.Size)) * p.Channels) + channel])];
                        return pool.Kind == PoolKind.Max ? window.Aggregate((a, b) => numbers.IsLess(a, b) ? b : a) : numbers.Mean(window);
                    }),
                ];
            default:
                throw new NotSupportedException(layer.GetType().Name);
        }
    }

    private T Output<T>(Func<IReadOnlyList<(T Factor, T Value)>, IReadOnlyList<T>, T> sum, ReferenceNumbers<T> numbers, Layer layer, int output, IEnumerable<(int Weight, T Value)> taps)
    {
        (float[] weight, float[] bias) = _parameters[layer];
        return sum([.. taps.Select(tap => (numbers.Of(weight[tap.Weight]), tap.Value))], bias.Length > 0 ? [numbers.Of(bias[output])] : []);
    }
}
