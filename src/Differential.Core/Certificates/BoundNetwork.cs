using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;

namespace Differential.Core.Certificates;

/// <summary>A network as bounds see it: a copy on the host. The last layer gives the scores less their thresholds.</summary>
internal sealed class BoundNetwork
{
    private readonly List<BoundLayer> _layers = [];
    private readonly List<IReadOnlyList<int>> _inputs = [];
    private readonly List<Layer> _sources = [];
    private readonly List<float[]> _weights = [];

    /// <summary>Folded as attacks fold it (<see cref="FusedGraph"/>), so that the weights are those with which devices compute.</summary>
    /// <exception cref="NotSupportedException">A layer has no bounds.</exception>
    public BoundNetwork(Network network)
    {
        network.EnsureNorms();
        List<int> ends = [];
        foreach (FusedLayer fused in FusedGraph.Of(network.Architecture, PlanPurpose.Attack))
        {
            var values = new BoundValues(network, fused.Layer, fused.Fusion.Norm);
            BoundLayer bound = fused.Layer.CreateBound(values) ?? throw new NotSupportedException($"{fused.Layer.Place} has no bounds");
            Append(bound, [.. fused.Inputs.Select(input => input < 0 ? GraphBuilder.Input : ends[input])], fused.Layer, values.Weight);
            if (fused.Fusion.Relu)
            {
                Append(new ReluBoundLayer(bound.Outputs), [_layers.Count - 1], fused.Layer, []);
            }

            ends.Add(_layers.Count - 1);
        }

        Input = new BoundInput(network.Normalization, network.Architecture.Input.Length);
        Scores = network.Architecture.Scores;
        Leading = _layers.TakeWhile((layer, i) => layer is AffineBoundLayer && _inputs[i].Count == 1 && _inputs[i][0] == i - 1).Count();
        LeadingNorms = new Lazy<double[][]>(NormsOfLeading);
    }

    public BoundInput Input { get; }

    public int Scores { get; }

    /// <summary>The layers, each behind those whose outputs it takes.</summary>
    public IReadOnlyList<BoundLayer> Layers => _layers;

    /// <summary>By layer, the layers whose outputs it takes, one behind the other; −1 is the network's input.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Inputs => _inputs;

    /// <summary>By layer, the layer of the architecture.</summary>
    public IReadOnlyList<Layer> Sources => _sources;

    /// <summary>By layer, the weights of a linear map; empty for others.</summary>
    public IReadOnlyList<float[]> Weights => _weights;

    /// <summary>Affine layers before the first other one or the first branch, each behind the one before.</summary>
    public int Leading { get; }

    /// <summary>Dual norms, by <see cref="AttackNorm"/>, of the rows of the leading layers taken together.</summary>
    public Lazy<double[][]> LeadingNorms { get; }

    /// <summary>The most that ⟨row, δ⟩ can be for ‖δ‖ ≤ 1, rounded up.</summary>
    public static double DualNorm(ReadOnlySpan<double> row, AttackNorm norm)
    {
        double value = norm == AttackNorm.L2 ? VectorMath.Norm(row) : 0;
        for (int i = 0; i < row.Length && norm != AttackNorm.L2; i++)
        {
            value = norm == AttackNorm.Linf ? value + Math.Abs(row[i]) : Math.Max(value, Math.Abs(row[i]));
        }

        return value * (1 + ((row.Length + 8) * SumRounding.DoubleUnit));
    }

    /// <summary>The rows over the scores whose smallest value is the margin: ±1, or +1 at the class and −1 at each other one.</summary>
    /// <param name="label">+1 or −1; of several scores the class.</param>
    public IEnumerable<double[]> Differences(int label)
    {
        if (Scores == 1)
        {
            yield return [label];
            yield break;
        }

        for (int other = 0; other < Scores; other++)
        {
            if (other != label)
            {
                var row = new double[Scores];
                (row[label], row[other]) = (1, -1);
                yield return row;
            }
        }
    }

    /// <summary>What a layer takes of something that is known of the input (the first) and of each layer's output.</summary>
    public double[] Take(int layer, IReadOnlyList<double[]> values) =>
        _inputs[layer].Count == 1 ? values[_inputs[layer][0] + 1] : [.. _inputs[layer].SelectMany(input => values[input + 1])];

    /// <summary>Adds a row over a layer's inputs to the rows over the input (the first) and the outputs of the layers that they come from.</summary>
    public void Spread(int layer, double[] row, double[]?[] rows)
    {
        int offset = 0;
        foreach (int input in _inputs[layer])
        {
            int length = row.Length / _inputs[layer].Count;
            if (rows[input + 1] is { } sum)
            {
                for (int i = 0; i < length; i++)
                {
                    sum[i] += row[offset + i];
                }
            }
            else
            {
                rows[input + 1] = length == row.Length ? row : row[offset..(offset + length)];
            }

            offset += length;
        }
    }

    private void Append(BoundLayer layer, int[] inputs, Layer source, float[] weight)
    {
        _layers.Add(layer);
        _inputs.Add(inputs);
        _sources.Add(source);
        _weights.Add(weight);
    }

    private double[][] NormsOfLeading()
    {
        if (Leading == 0)
        {
            return [];
        }

        int outputs = Layers[Leading - 1].Outputs;
        double[][] norms = [.. Enum.GetValues<AttackNorm>().Select(_ => new double[outputs])];
        Parallel.For(0, outputs, output =>
        {
            var row = new double[outputs];
            row[output] = 1;
            for (int i = Leading - 1; i >= 0; i--)
            {
                var before = new double[Layers[i].Inputs];
                ((AffineBoundLayer)Layers[i]).Backward(row, before);
                row = before;
            }

            for (int norm = 0; norm < norms.Length; norm++)
            {
                norms[norm][output] = DualNorm(row, (AttackNorm)norm);
            }
        });
        return norms;
    }
}
