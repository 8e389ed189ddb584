using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

/// <summary>Each layer through a small network: the gradients of Σ cᵢ·scoreᵢ by parameters and by inputs.</summary>
public sealed class NetworkGradientTests : IDisposable
{
    private const int Count = 3;
    private static readonly float[] Weights = [0.7f, -1.1f, 0.4f];

    private readonly SimdDevice _device = new(threads: 2);

    public static TheoryData<string, int[], LayerOptions[]> Networks => new()
    {
        { "linear on points", [7], [new DenseOptions { Units = 1 }] },
        { "linear on images", [3, 2, 2], [new FlattenOptions(), new DenseOptions { Units = 1 }] },
        { "no bias", [5], [new DenseOptions { Units = 4, Bias = false }, new ReluOptions(), new DenseOptions { Units = 1, Bias = false }] },
        { "dense, relu", [6], [new DenseOptions { Units = 5 }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "relu first", [6], [new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "relu twice", [6], [new DenseOptions { Units = 5 }, new ReluOptions(), new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "conv, relu", [5, 4, 2], [new ConvOptions { Filters = 3, Padding = 1 }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "strided conv without bias", [7, 5, 3], [new ConvOptions { Filters = 4, Size = 3, Stride = 2, Bias = false }, new DenseOptions { Units = 1 }] },
        { "two convs", [6, 6, 1], [new ConvOptions { Filters = 2, Size = 4, Stride = 2, Padding = 1 }, new ReluOptions(), new ConvOptions { Filters = 3, Size = 2 }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "max-pool", [6, 4, 2], [new ConvOptions { Filters = 3, Padding = 1 }, new MaxPoolOptions(), new DenseOptions { Units = 1 }] },
        { "max-pool first, relu behind", [6, 4, 2], [new MaxPoolOptions(), new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "overlapping max-pool", [5, 5, 2], [new ConvOptions { Filters = 2 }, new ReluOptions(), new MaxPoolOptions { Size = 2, Stride = 1 }, new DenseOptions { Units = 1 }] },
        { "maxmin on points", [6], [new DenseOptions { Units = 6 }, new MaxMinOptions(), new DenseOptions { Units = 1 }] },
        { "conv, maxmin", [5, 4, 2], [new ConvOptions { Filters = 4, Padding = 1 }, new MaxMinOptions(), new DenseOptions { Units = 1 }] },
        { "maxmin first", [4, 4, 2], [new MaxMinOptions(), new ConvOptions { Filters = 2, Stride = 2 }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "dense of norm 1", [7], [new DenseOptions { Units = 4, Lipschitz = true }, new MaxMinOptions(), new DenseOptions { Units = 1, Lipschitz = true, Bias = false }] },
        { "conv of norm 1", [4, 5, 2], [new ConvOptions { Filters = 2, Padding = 1, Lipschitz = true }, new MaxMinOptions(), new DenseOptions { Units = 1, Lipschitz = true }] },
        { "strided conv of norm 1", [4, 4, 2], [new ConvOptions { Filters = 2, Size = 4, Stride = 2, Padding = 1, Lipschitz = true }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "average-pool", [6, 5, 2], [new ConvOptions { Filters = 3, Padding = 1 }, new ReluOptions(), new AveragePoolOptions(), new FlattenOptions(), new DenseOptions { Units = 4 }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "leaky relu", [5, 4, 2], [new ConvOptions { Filters = 3, Padding = 1 }, new LeakyReluOptions { Slope = 0.3 }, new DenseOptions { Units = 4 }, new LeakyReluOptions(), new DenseOptions { Units = 1 }] },
        { "global average-pool", [5, 3, 2], [new ConvOptions { Filters = 4, Padding = 1 }, new ReluOptions(), new GlobalAveragePoolOptions(), new DenseOptions { Units = 1 }] },
        { "residual", [4, 5, 2], [new ConvOptions { Filters = 3, Padding = 1 }, new ResidualOptions { Layers = [new ConvOptions { Filters = 3, Padding = 1 }, new ReluOptions(), new ConvOptions { Filters = 3, Padding = 1 }] }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "residual with a shortcut", [5, 4, 2], [new ResidualOptions { Layers = [new ConvOptions { Filters = 3, Padding = 1, Stride = 2 }, new ReluOptions()], Shortcut = [new ConvOptions { Filters = 3, Size = 1, Stride = 2 }] }, new ReluOptions(), new MaxPoolOptions(), new DenseOptions { Units = 1 }] },
        { "residual within a residual, on points", [4], [new ResidualOptions { Layers = [new DenseOptions { Units = 4 }, new ReluOptions(), new ResidualOptions { Layers = [new DenseOptions { Units = 4 }, new ReluOptions()] }] }, new DenseOptions { Units = 1 }] },
        { "convex combination", [4, 5, 2], [new ConvOptions { Filters = 4, Padding = 1 }, new ResidualOptions { Layers = [new ConvOptions { Filters = 4, Padding = 1, Lipschitz = true }, new MaxMinOptions()], Share = 0.5 }, new ResidualOptions { Layers = [new MaxMinOptions()], Share = 0.3 }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "convex combination with a shortcut", [6], [new ResidualOptions { Layers = [new DenseOptions { Units = 4 }, new ReluOptions()], Shortcut = [new DenseOptions { Units = 4 }], Share = 0.8 }, new DenseOptions { Units = 1, UnitRows = true }] },
        { "unit rows", [7], [new DenseOptions { Units = 4, UnitRows = true }, new ReluOptions(), new DenseOptions { Units = 1, UnitRows = true, Bias = false }] },
        { "residual of a residual's sum", [4], [new ResidualOptions { Layers = [new ReluOptions()], Shortcut = [new ResidualOptions { Layers = [new MaxMinOptions()] }] }, new DenseOptions { Units = 1 }] },
    };

    /// <summary>Layers whose training passes differ: dense and convolution, with and without something to fold into, beside and within a residual.</summary>
    public static TheoryData<string, int[], LayerOptions[]> NetworksWithModes => new()
    {
        { "batchNorm on points", [5], [new DenseOptions { Units = 4 }, new BatchNormOptions(), new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "batchNorm first", [4, 4, 2], [new BatchNormOptions { Epsilon = 1e-2 }, new ConvOptions { Filters = 3 }, new ReluOptions(), new DenseOptions { Units = 1 }] },
        { "batchNorm behind a relu", [4, 4, 2], [new ConvOptions { Filters = 3 }, new ReluOptions(), new BatchNormOptions(), new MaxPoolOptions(), new DenseOptions { Units = 1 }] },
        { "conv, batchNorm, relu, pool", [6, 4, 2], [new ConvOptions { Filters = 3, Padding = 1, Bias = false }, new BatchNormOptions { Momentum = 0.4 }, new ReluOptions(), new MaxPoolOptions(), new DenseOptions { Units = 1 }] },
        { "conv of norm 1, batchNorm", [4, 4, 2], [new ConvOptions { Filters = 4, Padding = 1, Lipschitz = true }, new BatchNormOptions(), new MaxMinOptions(), new DenseOptions { Units = 1 }] },
        { "dropout", [8], [new DenseOptions { Units = 12 }, new ReluOptions(), new DropoutOptions { Rate = 0.4 }, new DenseOptions { Units = 1 }] },
        { "dropout beside the identity", [6, 4, 2], [new ConvOptions { Filters = 3 }, new ResidualOptions { Layers = [new DropoutOptions { Rate = 0.3 }] }, new DenseOptions { Units = 1 }] },
        { "residual block with batchNorm", [5, 4, 2], [new ResidualOptions { Layers = [new ConvOptions { Filters = 3, Padding = 1 }, new BatchNormOptions(), new ConvOptions { Filters = 3, Padding = 1, Stride = 2 }, new BatchNormOptions()], Shortcut = [new ConvOptions { Filters = 3, Size = 1, Stride = 2 }, new BatchNormOptions()] }, new DenseOptions { Units = 1 }] },
    };

    [Theory]
    [MemberData(nameof(NetworksWithModes))]
    public void Gradients_OfLayersThatDependOnTheMode_AsFiniteDifferencesOfTheirOwnPasses(string name, int[] input, LayerOptions[] layers)
    {
        const int Samples = 7;
        var shape = new Shape(input);
        using var network = new Network(_device, NetworkArchitecture.Create(shape, layers), InputNormalization.None(shape));
        network.Initialize(11);
        var random = new RandomStream(4, name);
        float[] weights = [.. Enumerable.Range(0, Samples).Select(_ => (float)random.NextNormal())];
        float[] parameters = [.. network.ParameterValues.ToArray().Select(value => value + (float)(0.05 * random.NextNormal()))];
        network.SetState([.. (network.StateValues?.ToArray() ?? []).Select(value => (0.7f * value) + 0.2f)]);
        float[] inputs = [.. Enumerable.Range(0, Samples * shape.Length).Select(_ => (float)random.NextNormal())];
        using NetworkPlan training = network.Plan(Samples + 1, PlanPurpose.Training);
        using NetworkPlan attack = network.Plan(Samples + 1, PlanPurpose.Attack);
        using NetworkPlan inference = network.Plan(Samples, PlanPurpose.Inference);
        using Tensor<float> x = _device.Allocate(shape.Batched(Samples));
        using Tensor<float> dScores = _device.Allocate(new Shape(Samples), weights);
        float[] state = network.StateValues?.ToArray() ?? [];

        double evaluated = Objective(attack, PassMode.Infer);
        Assert.Equal(evaluated, Objective(inference, PassMode.Infer));
        Assert.Equal(evaluated, Objective(training, PassMode.Infer), 1e-4);
        Assert.Equal(state, network.StateValues?.ToArray() ?? []);
        Assert.Throws<InvalidOperationException>(() => training.ParameterGradients(dScores, Samples));
        attack.InputGradient(dScores, Samples);
        float[] gradient = new float[inputs.Length];
        Objective(attack, PassMode.Infer);
        attack.InputGradient(dScores, Samples).Read(gradient);
        GradientCheck.Check(inputs, gradient, () => Objective(attack, PassMode.Infer), $"{name}: inputs");

        training.Draw(3, 14);
        Assert.NotEqual(evaluated, Objective(training, PassMode.Train), 1e-4);
        training.ParameterGradients(dScores, Samples);
        GradientCheck.Check(parameters, network.ParameterGradients.ToArray(), () => Objective(training, PassMode.Train), $"{name}: parameters");
        Assert.Equal(state.Length > 0, !state.SequenceEqual(network.StateValues?.ToArray() ?? []));
        Assert.Throws<InvalidOperationException>(() => attack.Forward(x, Samples, PassMode.Train));

        double Objective(NetworkPlan plan, PassMode mode)
        {
            if (!network.ParameterValues.ToArray().AsSpan().SequenceEqual(parameters))
            {
                network.SetParameters(parameters);
            }

            x.Write(inputs);
            var scores = new float[Samples];
            plan.Forward(x, Samples, mode).Read(scores);
            return scores.Select((score, i) => (double)score * weights[i]).Sum();
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_OfEachLayer_AsFiniteDifferences(string name, int[] input, LayerOptions[] layers)
    {
        var shape = new Shape(input);
        float[] mean = [.. Enumerable.Range(0, shape[shape.Rank - 1]).Select(static channel => 0.1f * channel)];
        using var network = new Network(_device, NetworkArchitecture.Create(shape, layers), new InputNormalization(mean, 1.5f));
        network.Initialize(11);
        var random = new RandomStream(4, name);
        float[] parameters = network.ParameterValues.ToArray();
        for (int i = 0; i < parameters.Length; i++)
        {
            // Biases too are moved off 0.
            parameters[i] += (float)(0.05 * random.NextNormal());
        }

        float[] inputs = [.. Enumerable.Range(0, Count * shape.Length).Select(_ => (float)random.NextNormal())];
        using NetworkPlan training = network.Plan(Count + 1, PlanPurpose.Training);
        using NetworkPlan attack = network.Plan(Count + 1, PlanPurpose.Attack);
        using Tensor<float> x = _device.Allocate(shape.Batched(Count));
        using Tensor<float> dScores = _device.Allocate(new Shape(Count), Weights);
        double byTraining = Objective(training);
        Assert.Equal(byTraining, Objective(attack));
        using NetworkPlan inference = network.Plan(Count, PlanPurpose.Inference);
        Assert.Equal(byTraining, Objective(inference), 1e-5);

        training.ParameterGradients(dScores, Count);
        GradientCheck.Check(parameters, network.ParameterGradients.ToArray(), () => Objective(training), $"{name}: parameters");
        Objective(attack);
        float[] gradient = new float[inputs.Length];
        attack.InputGradient(dScores, Count).Read(gradient);
        GradientCheck.Check(inputs, gradient, () => Objective(attack), $"{name}: inputs");

        double Objective(NetworkPlan plan)
        {
            if (!network.ParameterValues.ToArray().AsSpan().SequenceEqual(parameters))
            {
                network.SetParameters(parameters);
            }

            x.Write(inputs);
            var scores = new float[Count];
            plan.Forward(x, Count).Read(scores);
            return scores.Select(static (score, i) => (double)score * Weights[i]).Sum();
        }
    }

    [Theory]
    [InlineData(PlanPurpose.Inference)]
    [InlineData(PlanPurpose.Attack)]
    public void ParameterGradients_OfAPlanForAnotherPurpose_Throws(PlanPurpose purpose)
    {
        using var network = new Network(_device, NetworkArchitecture.Create(new Shape(3), [new DenseOptions { Units = 1 }]), InputNormalization.None(new Shape(3)));
        using NetworkPlan plan = network.Plan(2, purpose);
        using Tensor<float> x = _device.Allocate(new Shape(2, 3));
        plan.Forward(x, 2);
        Assert.Throws<InvalidOperationException>(() => plan.ParameterGradients(x, 2));
    }

    /// <summary>The first call put gradients in the place of activations.</summary>
    [Fact]
    public void ParameterGradients_TwiceAfterAPassWithPooling_Throws()
    {
        LayerOptions[] layers = [new ConvOptions { Filters = 2, Padding = 1 }, new ReluOptions(), new MaxPoolOptions(), new DenseOptions { Units = 1 }];
        using var network = new Network(_device, NetworkArchitecture.Create(new Shape(4, 4, 1), layers), InputNormalization.None(new Shape(4, 4, 1)));
        network.Initialize(1);
        using NetworkPlan plan = network.Plan(2, PlanPurpose.Training);
        using Tensor<float> x = _device.Allocate(new Shape(2, 4, 4, 1)), dScores = _device.Allocate(new Shape(2));
        x.Fill(1);
        dScores.Fill(1);
        plan.Forward(x, 2, PassMode.Train);
        plan.ParameterGradients(dScores, 2);
        float[] gradients = network.ParameterGradients.ToArray();
        Assert.Throws<InvalidOperationException>(() => plan.ParameterGradients(dScores, 2));
        plan.Forward(x, 2, PassMode.Train);
        plan.ParameterGradients(dScores, 2);
        Assert.Equal(gradients, network.ParameterGradients.ToArray());
    }

    [Fact]
    public void InputGradient_ForMoreSamplesThanForward_Throws()
    {
        using var network = new Network(_device, NetworkArchitecture.Create(new Shape(3), [new DenseOptions { Units = 1 }]), InputNormalization.None(new Shape(3)));
        using NetworkPlan plan = network.Plan(4, PlanPurpose.Attack);
        using Tensor<float> x = _device.Allocate(new Shape(4, 3));
        Assert.Throws<InvalidOperationException>(() => plan.InputGradient(x, 1));
        plan.Forward(x, 2);
        Assert.Throws<InvalidOperationException>(() => plan.InputGradient(x, 3));
    }

    public void Dispose() => _device.Dispose();
}
