using Differential.Core.Certificates;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Certificates;

/// <summary>Certificates against exact margins of linear models, and against what the network does within the ball.</summary>
public sealed class LinearBoundsTests : IDisposable
{
    private const int Points = 64;

    private readonly SimdDevice _device = new(threads: 2);

    public static TheoryData<AttackNorm, BoundMethod, int[], bool> Linear()
    {
        var rows = new TheoryData<AttackNorm, BoundMethod, int[], bool>();
        foreach (AttackNorm norm in Enum.GetValues<AttackNorm>())
        {
            foreach (BoundMethod method in Enum.GetValues<BoundMethod>())
            {
                rows.Add(norm, method, [9], false);
                rows.Add(norm, method, [3, 4, 2], false);
                rows.Add(norm, method, [5, 4, 2], true);
            }
        }

        return rows;
    }

    public static TheoryData<string, int[], LayerOptions[]> Networks => new()
    {
        { "relu", [6], [new DenseOptions { Units = 8 }, new ReluOptions(), new DenseOptions { Units = 5 }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "maxmin", [6], [new DenseOptions { Units = 8 }, new MaxMinOptions(), new DenseOptions { Units = 4 }, new MaxMinOptions(), new DenseOptions { Units = 1 }] },
        { "conv", [6, 5, 2], [new ConvOptions { Filters = 4, Padding = 1 }, new ReluOptions(), new ConvOptions { Filters = 4, Size = 2, Stride = 2 }, new MaxMinOptions(), new DenseOptions { Units = 1 }] },
        { "pools", [8, 8, 1], [new ConvOptions { Filters = 4 }, new ReluOptions(), new MaxPoolOptions(), new AveragePoolOptions { Size = 2, Stride = 1 }, new DenseOptions { Units = 4 }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "piecewise first", [4, 4, 2], [new MaxPoolOptions { Size = 2, Stride = 1 }, new ReluOptions(), new DenseOptions { Units = 4 }, new MaxMinOptions(), new DenseOptions { Units = 1 }] },
        { "norm 1", [8, 8, 2], [new ConvOptions { Filters = 4, Size = 4, Stride = 2, Padding = 1, Lipschitz = true }, new MaxMinOptions(), new DenseOptions { Units = 6, Lipschitz = true }, new MaxMinOptions(), new DenseOptions { Units = 1, Lipschitz = true }] },
        { "leaky relu", [6], [new DenseOptions { Units = 8 }, new LeakyReluOptions { Slope = 0.2 }, new DenseOptions { Units = 5 }, new LeakyReluOptions(), new DenseOptions { Units = 1 }] },
        { "residual", [6], [new DenseOptions { Units = 6 }, new ResidualOptions { Layers = [new ReluOptions(), new DenseOptions { Units = 6 }] }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "residual first, with a shortcut", [4, 4, 2], [new ResidualOptions { Layers = [new ConvOptions { Filters = 4, Padding = 1 }, new ReluOptions(), new ConvOptions { Filters = 3, Padding = 1 }], Shortcut = [new ConvOptions { Filters = 3, Size = 1 }] }, new ReluOptions(), new GlobalAveragePoolOptions(), new DenseOptions { Units = 1 }] },
        { "residual within a residual", [5], [new ResidualOptions { Layers = [new DenseOptions { Units = 5 }, new ReluOptions(), new ResidualOptions { Layers = [new DropoutOptions(), new DenseOptions { Units = 5 }, new ReluOptions()] }] }, new DenseOptions { Units = 1 }] },
        { "convex combinations", [6], [new DenseOptions { Units = 6 }, new ResidualOptions { Layers = [new DenseOptions { Units = 6 }, new MaxMinOptions()], Share = 0.5 }, new ResidualOptions { Layers = [new ReluOptions(), new DenseOptions { Units = 4 }], Shortcut = [new DenseOptions { Units = 4 }], Share = 0.2 }, new ReluOptions(), new DenseOptions { Units = 1, UnitRows = true }] },
        { "batchNorm folded", [5, 4, 2], [new ConvOptions { Filters = 4, Padding = 1, Bias = false }, new BatchNormOptions(), new ReluOptions(), new DenseOptions { Units = 4 }, new BatchNormOptions { Epsilon = 0.1 }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "batchNorm by itself", [5, 4, 2], [new BatchNormOptions(), new ConvOptions { Filters = 4 }, new ReluOptions(), new BatchNormOptions(), new GlobalAveragePoolOptions(), new DenseOptions { Units = 1 }] },
        { "residual blocks with batchNorm", [6, 6, 1], [new ConvOptions { Filters = 2, Padding = 1 }, new BatchNormOptions(), new ReluOptions(), new ResidualOptions { Layers = [new ConvOptions { Filters = 2, Padding = 1 }, new BatchNormOptions()] }, new ReluOptions(), new ResidualOptions { Layers = [new ConvOptions { Filters = 3, Padding = 1, Stride = 2 }, new BatchNormOptions()], Shortcut = [new ConvOptions { Filters = 3, Size = 1, Stride = 2 }, new BatchNormOptions()] }, new ReluOptions(), new GlobalAveragePoolOptions(), new DenseOptions { Units = 1 }] },
    };

    [Theory]
    [MemberData(nameof(Linear))]
    public void Radius_OfALinearModel_IsItsExactMargin(AttackNorm norm, BoundMethod method, int[] input, bool convolution)
    {
        var shape = new Shape(input);
        LayerOptions[] layers = convolution ? [new ConvOptions { Filters = 3, Padding = 1 }, new DenseOptions { Units = 1 }] : [new DenseOptions { Units = 1 }];
        using Network network = Create(shape, layers);
        var bounds = new LinearBounds(network);
        var lipschitz = new LipschitzCertificate(network);
        using NetworkPlan plan = network.Plan(1, PlanPurpose.Attack);
        using Tensor<float> one = _device.Allocate(new Shape(1), [1f]);
        using Tensor<float> x = _device.Allocate(shape.Batched(1));
        for (int i = 0; i < 5; i++)
        {
            float[] sample = Sample(shape, i);
            x.Write(sample);
            double score = plan.Forward(x, 1).ToArray()[0];
            double[] gradient = [.. plan.InputGradient(one, 1).ToArray().Take(shape.Length).Select(static g => (double)g)];
            double length = Math.Sqrt(gradient.Sum(static g => g * g));
            double dual = norm switch { AttackNorm.L2 => length, AttackNorm.Linf => gradient.Sum(Math.Abs), _ => gradient.Max(Math.Abs) };
            double exact = Math.Abs(score - network.Threshold) / dual;
            int label = score > network.Threshold ? 1 : -1;
            double found = bounds.Radius(sample, label, norm, method);

            // Boxes lose what two affine layers cancel only where something lies between them.
            Assert.InRange(found, exact * 0.995, exact * 1.0001);
            Assert.Equal(0, bounds.Radius(sample, -label, norm, method));
            double byConstant = lipschitz.Radius(sample, label, norm);

            // A constant in L1 is that in L2: its ball holds the one in L1.
            Assert.InRange(byConstant, convolution ? 0 : exact * 0.998 * (norm == AttackNorm.L1 ? dual / length : 1), exact * 1.0001);
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void LowerMargin_OfEachLayer_IsNowhereCrossedWithinTheBall(string name, int[] input, LayerOptions[] layers)
    {
        var shape = new Shape(input);
        using Network network = Create(shape, layers);
        var bounds = new LinearBounds(network);
        var lipschitz = LipschitzBound.Of(network);
        using NetworkPlan plan = network.Plan(Points, PlanPurpose.Attack);
        int tight = 0;
        for (int i = 0; i < 16; i++)
        {
            AttackNorm norm = i % 2 == 0 ? AttackNorm.L2 : AttackNorm.Linf;
            double epsilon = (norm == AttackNorm.L2 ? 0.3 : 0.06) * (1 + (i % 3));
            int label = i % 4 < 2 ? 1 : -1;
            float[] sample = Sample(shape, i);
            (double smallest, double clean) = Smallest(plan, network, sample, label, norm, epsilon);
            double interval = bounds.LowerMargin(sample, label, norm, epsilon, BoundMethod.Interval);
            double crownInterval = bounds.LowerMargin(sample, label, norm, epsilon, BoundMethod.CrownInterval);
            double crown = bounds.LowerMargin(sample, label, norm, epsilon, BoundMethod.Crown);
            Assert.True(crown <= smallest + 1e-5, $"{name}: CROWN's bound is {crown}; {smallest} is reached");
            Assert.True(crownInterval <= smallest + 1e-5, $"{name}: CROWN-IBP's bound is {crownInterval}; {smallest} is reached");
            Assert.True(interval <= Math.Min(crownInterval, crown) + 1e-12, $"{name}: boxes give {interval}, more than {crownInterval} and {crown}");
            double constant = norm == AttackNorm.L2 ? lipschitz.L2 : lipschitz.Linf;
            Assert.True(clean - (constant * epsilon) <= smallest + 1e-5, $"{name}: a Lipschitz constant of {constant} is exceeded");
            tight += clean - crown <= 3 * (clean - smallest) ? 1 : 0;

            // At radius 0 every bound is the margin.
            Assert.Equal(clean, bounds.LowerMargin(sample, label, norm, 0, BoundMethod.Crown), 1e-5);
        }

        Assert.True(tight >= 4, $"{name}: only {tight} of 16 bounds are within three times what random points reach");
    }

    [Fact]
    public void LipschitzBound_OfPooling_CountsTheWindowsOfAnInput()
    {
        using Network network = Create(new Shape(6, 6, 1), [new MaxPoolOptions { Size = 3, Stride = 1 }, new AveragePoolOptions(), new DenseOptions { Units = 1 }]);
        var bound = LipschitzBound.Of(network);
        Assert.Equal([3, 0.5], bound.Layers.Take(2).Select(static layer => layer.L2));
        Assert.Equal([1, 1], bound.Layers.Take(2).Select(static layer => layer.Linf));
        Assert.Equal(bound.Layers.Aggregate(2.0, static (product, layer) => product * layer.L2), bound.L2, 1e-12);
    }

    [Fact]
    public void LipschitzBound_OfANetworkHeldAtNormOne_IsOneOrJustAbove()
    {
        var shape = new Shape(8, 8, 3);
        using var network = new Network(_device, NetworkArchitecture.Create(shape, new LipschitzOptions().LayerList), InputNormalization.None(shape));
        network.Initialize(3);
        Assert.InRange(LipschitzBound.Of(network).L2, 0.99, 1.0001);
    }

    [Fact]
    public void LipschitzBound_OfAConvexCombination_IsThatOfItsParts()
    {
        // Three times the input in one part, once in the other: (1 − 0.25) · 3 + 0.25 · 1, and the last layer's 2.
        using Network network = Create(new Shape(2), [new ResidualOptions { Layers = [new DenseOptions { Units = 2, Bias = false }], Share = 0.75 }, new DenseOptions { Units = 1, Bias = false }]);
        network.SetParameters([3, 0, 0, 3, 2, 0]);
        var bound = LipschitzBound.Of(network);
        Assert.Equal(2 * 2.5 * 2, bound.L2, 1e-9);
        Assert.Equal(2 * 2.5 * 2, bound.Linf, 1e-9);
    }

    [Fact]
    public void LipschitzBound_OfTheResidualNetwork_IsOneOrJustAbove()
    {
        var shape = new Shape(8, 8, 3);
        using var network = new Network(_device, NetworkArchitecture.Create(shape, new LipschitzResNetOptions { Width = 4, Units = 16 }.LayerList), InputNormalization.None(shape));
        network.Initialize(3);
        Assert.InRange(LipschitzBound.Of(network).L2, 0.99, 1.0001);
    }

    public void Dispose() => _device.Dispose();

    /// <summary>Mean and scale are not those of an identity, biases and the threshold not 0.</summary>
    private Network Create(Shape shape, LayerOptions[] layers)
    {
        float[] mean = [.. Enumerable.Range(0, shape[shape.Rank - 1]).Select(static channel => 0.4f + (0.05f * channel))];
        var network = new Network(_device, NetworkArchitecture.Create(shape, layers), new InputNormalization(mean, 2f));
        network.Initialize(9);
        var random = new RandomStream(6, "biases");
        foreach (Parameter bias in network.Parameters.Where(static parameter => parameter.IsBias))
        {
            network.SetParameter(bias.Name, [.. Enumerable.Range(0, bias.Shape.Length).Select(_ => (float)(0.1 * random.NextNormal()))]);
        }

        network.SetState([.. (network.StateValues?.ToArray() ?? []).Select(value => (float)((value * 0.8) + (0.1 * random.NextNormal())))]);
        network.Threshold = 0.05f;
        return network;
    }

    private static float[] Sample(Shape shape, int index)
    {
        var random = new RandomStream(2, "sample", index);
        return [.. Enumerable.Range(0, shape.Length).Select(_ => (float)random.NextDouble())];
    }

    /// <summary>The smallest margin at random points of the ball and at the ends of steepest steps, and the sample's own.</summary>
    private (double Smallest, double Clean) Smallest(NetworkPlan plan, Network network, float[] sample, int label, AttackNorm norm, double epsilon)
    {
        int length = sample.Length;
        var random = new RandomStream(5, "points", length);
        var values = new float[Points * length];
        for (int point = 0; point < Points; point++)
        {
            double[] offset = [.. Enumerable.Range(0, length).Select(_ => random.NextNormal())];
            Place(values, sample, point, offset, point == 0 ? 0 : epsilon, norm);
        }

        using Tensor<float> x = _device.Allocate(new Shape(Points, length), values);
        using Tensor<float> down = _device.Allocate(new Shape(Points));
        down.Fill(-label);
        double clean = double.NaN;
        double smallest = double.PositiveInfinity;
        for (int step = 0; step < 5; step++)
        {
            float[] scores = plan.Forward(x.Reshape(plan.SampleShape.Batched(Points)), Points).ToArray();
            smallest = Math.Min(smallest, scores.Min(score => label * ((double)score - network.Threshold)));
            clean = step == 0 ? label * ((double)scores[0] - network.Threshold) : clean;
            float[] gradients = plan.InputGradient(down, Points).ToArray();
            for (int point = 0; point < Points; point++)
            {
                Place(values, sample, point, [.. gradients.Skip(point * length).Take(length).Select(static g => (double)g)], epsilon, norm);
            }

            x.Write(values);
        }

        return (smallest, clean);
    }

    /// <summary>The point of the ball's surface in a direction.</summary>
    private static void Place(float[] values, float[] sample, int point, double[] direction, double epsilon, AttackNorm norm)
    {
        double size = Math.Max(1e-30, Math.Sqrt(direction.Sum(static value => value * value)));
        for (int i = 0; i < sample.Length; i++)
        {
            double move = norm == AttackNorm.Linf ? Math.Sign(direction[i]) : direction[i] / size;
            values[(point * sample.Length) + i] = (float)(sample[i] + (0.999999 * epsilon * move));
        }
    }
}
