using Differential.Core.Networks;
using Differential.Kernels.Convolution;
using Differential.Kernels.Pooling;

namespace Differential.Core.Tests.Certificates;

/// <summary>A network's scores less their thresholds in any arithmetic, written apart from the bounds.</summary>
internal sealed class ReferenceNetwork
{
    private readonly Network _network;
    private readonly Dictionary<Layer, (float[] Weight, float[] Bias)> _parameters;
    private readonly Dictionary<Layer, (int Weight, int Input)[][]> _taps = [];

    public ReferenceNetwork(Network network)
    {
        _network = network;
        network.EnsureNorms();
        _parameters = network.Architecture.Layers
            .Where(static layer => layer.Weight is not null)
            .ToDictionary(static layer => layer, layer => (network.EffectiveWeight(layer).ToArray(), network.Bias(layer)?.Value.ToArray() ?? []));
        foreach (ConvLayer layer in network.Architecture.Layers.OfType<ConvLayer>())
        {
            _taps[layer] = [.. Enumerable.Range(0, layer.Output.Length).Select(output => Taps(layer.Geometry, output).ToArray())];
        }
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
            case DenseLayer or ConvLayer:
                return Affine(numbers, layer, x);
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
                return [.. Enumerable.Range(0, length).Select(i => numbers.Sum(factors, [x[i], x[length + i]], []))];
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

    private T[] Affine<T>(ReferenceNumbers<T> numbers, Layer layer, T[] x)
    {
        (float[] weight, float[] bias) = _parameters[layer];
        var y = new T[layer.Output.Length];
        T[] weights = [.. weight.Select(value => numbers.Of(value))];
        T[] biases = [.. bias.Select(value => numbers.Of(value))];
        int filters = biases.Length > 0 ? biases.Length : 1;
        if (layer is DenseLayer)
        {
            for (int o = 0; o < y.Length; o++)
            {
                y[o] = numbers.SumOfRow(weights.AsSpan(o * x.Length, x.Length), x, biases.AsSpan(biases.Length > 0 ? o : 0, biases.Length > 0 ? 1 : 0));
            }

            return y;
        }

        (int Weight, int Input)[][] taps = _taps[layer];
        T[] factors = new T[taps.Max(static list => list.Length)];
        T[] values = new T[factors.Length];
        for (int o = 0; o < y.Length; o++)
        {
            int count = taps[o].Length;
            for (int i = 0; i < count; i++)
            {
                (factors[i], values[i]) = (weights[taps[o][i].Weight], x[taps[o][i].Input]);
            }

            y[o] = numbers.Sum(factors.AsSpan(0, count), values.AsSpan(0, count), biases.AsSpan(o % filters, biases.Length > 0 ? 1 : 0));
        }

        return y;
    }

    /// <summary>What a convolution's output sums up: by kernel row, kernel column and channel.</summary>
    private static IEnumerable<(int Weight, int Input)> Taps(Conv2dGeometry g, int output)
    {
        (int column, int row, int filter) = (output / g.Filters % g.OutputWidth, output / g.Filters / g.OutputWidth, output % g.Filters);
        return from down in Enumerable.Range(0, g.Size)
               from right in Enumerable.Range(0, g.Size)
               from channel in Enumerable.Range(0, g.Channels)
               let y = (row * g.Stride) - g.Padding + down
               let z = (column * g.Stride) - g.Padding + right
               where y >= 0 && y < g.Height && z >= 0 && z < g.Width
               select ((((((filter * g.Channels) + channel) * g.Size) + down) * g.Size) + right, (((y * g.Width) + z) * g.Channels) + channel);
    }
}
