using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Core.Numerics;
using Differential.Core.Tests.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

/// <summary>Operator norms against the singular values of the whole matrix, and what holding them at 1 does to a network.</summary>
public sealed class UnitNormTests : IDisposable
{
    private readonly SimdDevice _device = new(threads: 2);

    public static TheoryData<int[], LayerOptions> Operators => new()
    {
        { [7], new DenseOptions { Units = 5 } },
        { [5], new DenseOptions { Units = 9 } },
        { [12], new DenseOptions { Units = 1 } },
        { [6, 5, 2], new ConvOptions { Filters = 3, Padding = 1 } },
        { [6, 6, 3], new ConvOptions { Filters = 2, Size = 4, Stride = 2, Padding = 1 } },
        { [5, 7, 2], new ConvOptions { Filters = 4, Size = 3, Stride = 2 } },
        { [4, 4, 2], new ConvOptions { Filters = 5, Size = 2, Stride = 2 } },
    };

    [Theory]
    [MemberData(nameof(Operators))]
    public void Upper_OfEachOperator_IsItsLargestSingularValueOrJustAbove(int[] input, LayerOptions options)
    {
        using Network network = Create(new Shape(input), options);
        (Layer layer, Tensor<float> weight) = First(network);
        using LayerOperator map = layer.CreateOperator(_device, 1)!;
        using var norm = new LanczosNorm(_device, map, weight);
        double exact = Largest(Dense(map, weight));
        double upper = norm.Upper();
        Assert.InRange(upper, exact, exact * 1.0011);

        // These are small: the iterations find the norm itself, and the bound is above it by the random start's share and the allowance for float32. Of
        // the allowance rounding takes less than a fifth.
        double rounding = (upper / (exact / Math.Sqrt(1 - 2e-3))) - 1 - 2e-5;
        Assert.InRange(rounding, -4e-6, 4e-6);
    }

    [SkippableTheory]
    [InlineData("ilgpu-cpu")]
    [InlineData("opencl")]
    [InlineData("cuda")]
    public void Upper_InBlocksOfSteps_IsItsLargestSingularValueOrJustAbove(string name)
    {
        using ComputeDevice device = Devices.Open(name);
        var shape = new Shape(7);
        using var network = new Network(device, NetworkArchitecture.Create(shape, [new DenseOptions { Units = 5 }, new DenseOptions { Units = 1 }]), InputNormalization.None(shape));
        network.Initialize(5);
        (Layer layer, Tensor<float> weight) = First(network);
        using LayerOperator map = layer.CreateOperator(device, 1)!;
        using var norm = new LanczosNorm(device, map, weight);
        double exact = Largest(Dense(map, weight));
        Assert.InRange(norm.Upper(), exact, exact * 1.0011);
        weight.Fill(0f);
        Assert.Equal(0, norm.Upper());
    }

    [Fact]
    public void Upper_OfAnOrthogonalLayer_IsOne()
    {
        using Network network = Create(new Shape(4, 4, 2), new ConvOptions { Filters = 2, Size = 1 });
        (Layer layer, Tensor<float> weight) = First(network);
        weight.Write([0.6f, 0.8f, -0.8f, 0.6f]);
        using LayerOperator map = layer.CreateOperator(_device, 1)!;
        using var norm = new LanczosNorm(_device, map, weight);
        Assert.InRange(norm.Upper(), 1, 1.0011);
        weight.Fill(0f);
        Assert.Equal(0, norm.Upper());
        weight.Fill(float.NaN);
        Assert.True(double.IsNaN(norm.Upper()));
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void Effective_OfALayerHeldAtNormOne_HasNormOneOrJustBelow(int[] input, LayerOptions options)
    {
        using Network network = Create(new Shape(input), Held(options, 0));
        (Layer layer, _) = First(network);
        using LayerOperator map = layer.CreateOperator(_device, 1)!;
        Assert.InRange(Largest(Dense(map, network.Effective(network.Parameters[0]))), 0.9989, 1.000001);
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void Initialize_WithOrthogonality_BringsAllSingularValuesNearOne(int[] input, LayerOptions options)
    {
        using Network plain = Create(new Shape(input), Held(options, 0));
        using Network pulled = Create(new Shape(input), Held(options, 0.2));
        (Layer layer, _) = First(pulled);
        using LayerOperator map = layer.CreateOperator(_device, 1)!;
        double before = Defect(Dense(map, plain.Effective(plain.Parameters[0])));
        double after = Defect(Dense(map, pulled.Effective(pulled.Parameters[0])));
        Assert.True(after <= (options is DenseOptions ? 0.01 : 0.6 * before), $"{before} before, {after} after");
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.5, true)]
    public void Updated_AtAPace_PullsInProportion(double pace, bool moves)
    {
        using Network network = Lipschitz(new Shape(8, 8, 3));
        float[] before = network.ParameterValues.ToArray();
        network.Prepare(7, 1);
        network.Updated();
        float[] whole = Change();
        network.ParameterValues.Write(before);
        network.Prepare(7, pace);
        network.Updated();
        float[] part = Change();

        Assert.Equal(moves, part.Any(static change => change != 0));
        Assert.All(whole.Zip(part), pair => Assert.Equal(pace * pair.First, pair.Second, 1e-6));

        float[] Change() => [.. network.ParameterValues.ToArray().Zip(before, static (after, first) => after - first)];
    }

    [Fact]
    public void Scores_OfANetworkHeldAtNormOne_DifferByNoMoreThanTheInputs()
    {
        var shape = new Shape(8, 8, 3);
        using Network network = Lipschitz(shape);
        using NetworkPlan plan = network.Plan(200, PlanPurpose.Inference);
        var random = new RandomStream(3, "pairs");
        var values = new float[200 * shape.Length];
        for (int i = 0; i < values.Length; i++)
        {
            // The second of each pair is near the first: there the network stretches most.
            bool second = i / shape.Length % 2 == 1;
            values[i] = (float)(second ? values[i - shape.Length] + (0.02 * random.NextNormal()) : random.NextDouble());
        }

        using Tensor<float> x = _device.Allocate(shape.Batched(200), values);
        float[] scores = plan.Forward(x, 200).ToArray();
        for (int i = 0; i < 200; i += 2)
        {
            double distance = Math.Sqrt(Enumerable.Range(0, shape.Length).Sum(k => Math.Pow(values[(i * shape.Length) + k] - (double)values[((i + 1) * shape.Length) + k], 2)));
            Assert.InRange(Math.Abs(scores[i] - (double)scores[i + 1]), 0, distance * 1.00001);
        }
    }

    [Fact]
    public void ToSaved_OfANetworkHeldAtNormOne_HoldsOrdinaryLayersWithTheSameScores()
    {
        DataSplits splits = ToyData.Images();
        using Network network = Lipschitz(splits.Train.SampleShape);
        SavedModel saved = NetworkModel.ToSaved(network, splits);
        Assert.DoesNotContain(saved.Layers, static layer => layer is IWeightOptions { Lipschitz: true });
        using Network loaded = NetworkModel.FromSaved(saved, _device);
        Assert.Null(loaded.NormState);
        Assert.Equal(ScoreEvaluator.Scores(network, splits.Test), ScoreEvaluator.Scores(loaded, splits.Test));
    }

    [Fact]
    public void Create_MaxMinOnAnOddNumberOfChannels_Throws()
    {
        ArchitectureException error = Assert.Throws<ArchitectureException>(
            () => NetworkArchitecture.Create(new Shape(4, 4, 3), [new MaxMinOptions(), new DenseOptions { Units = 1 }]));
        Assert.Equal((0, "maxMin on 3 channels"), (error.Layer, error.Found));
    }

    public void Dispose() => _device.Dispose();

    private static LayerOptions Held(LayerOptions layer, double orthogonality) => layer switch
    {
        ConvOptions conv => conv with { Lipschitz = true, Orthogonality = orthogonality },
        DenseOptions dense => dense with { Lipschitz = true, Orthogonality = orthogonality },
        _ => layer,
    };

    private Network Lipschitz(Shape shape)
    {
        var network = new Network(
            _device,
            NetworkArchitecture.Create(shape, [.. new LipschitzOptions().LayerList.Where(static (_, i) => i is < 4 or > 7)]),
            InputNormalization.None(shape));
        network.Initialize(5);
        return network;
    }

    /// <summary>A network whose first layer is the one under test.</summary>
    private Network Create(Shape input, LayerOptions layer)
    {
        var network = new Network(_device, NetworkArchitecture.Create(input, [layer, new DenseOptions { Units = 1 }]), InputNormalization.None(input));
        network.Initialize(7);
        return network;
    }

    private static (Layer Layer, Tensor<float> Weight) First(Network network) =>
        (network.Architecture.Layers.First(static layer => layer.Weight is not null), network.Parameters[0].Value);

    /// <summary>The operator's matrix, column by column.</summary>
    private static double[][] Dense(LayerOperator map, Tensor<float> weight)
    {
        using Tensor<float> x = weight.Device.Allocate(map.Input);
        using Tensor<float> y = weight.Device.Allocate(map.Output);
        return [.. Enumerable.Range(0, map.Input.Length).Select(Column)];

        double[] Column(int index)
        {
            var unit = new float[map.Input.Length];
            unit[index] = 1;
            x.Write(unit);
            map.Apply(weight, x, y, 1);
            return [.. y.ToArray().Select(static value => (double)value)];
        }
    }

    private static double Largest(double[][] columns) => Math.Sqrt(Eigen(columns).Values[0]);

    /// <summary>Root mean square of 1 − σ² over the singular values that can be 1.</summary>
    private static double Defect(double[][] columns)
    {
        int rank = Math.Min(columns.Length, columns[0].Length);
        return Math.Sqrt(Eigen(columns).Values.Take(rank).Average(static value => (1 - value) * (1 - value)));
    }

    private static SymmetricEigen Eigen(double[][] columns) => SymmetricEigen.Decompose(
        [.. columns.Select(a => columns.Select(b => a.Zip(b, static (p, q) => p * q).Sum()).ToArray())]);
}
