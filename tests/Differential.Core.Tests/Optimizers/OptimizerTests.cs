using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Optimizers;

public sealed class OptimizerTests : IDisposable
{
    private readonly SimdDevice _device = new(threads: 1);

    public static TheoryData<OptimizerOptions> Optimizers =>
    [
        new SgdOptions { Momentum = 0.9 },
        new SgdOptions { Momentum = 0.9, Nesterov = true, WeightDecay = 0.1 },
        new AdamOptions(),
        new NormalizedGradientOptions { Momentum = NormalizedMomentum.Nesterov },
    ];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Restore_StateOfAnother_GoesOnWithTheSameBits(OptimizerOptions options)
    {
        using Network network = Create();
        using Optimizer optimizer = options.CreateOptimizer(network);
        using Tensor<float> loss = _device.Allocate(new Shape(1), [0.5f]);
        Steps(optimizer, network, loss, 3);
        float[] parameters = network.ParameterValues.ToArray();
        float[][] state = [.. optimizer.State.Select(static tensor => tensor.ToArray())];
        Steps(optimizer, network, loss, 2);

        using Network again = Create();
        again.SetParameters(parameters);
        using Optimizer restored = options.CreateOptimizer(again);
        restored.Restore(3, state);
        Steps(restored, again, loss, 2);
        Assert.Equal(5, restored.Steps);
        Assert.Equal(network.ParameterValues.ToArray(), again.ParameterValues.ToArray());
    }

    [Fact]
    public void Restore_StateOfAnotherKind_Throws()
    {
        using Network network = Create();
        using Optimizer optimizer = new AdamOptions().CreateOptimizer(network);
        Assert.Throws<ArgumentException>(() => optimizer.Restore(1, [new float[4]]));
    }

    [Theory]
    [InlineData(Schedule.Constant, 0, 0.2)]
    [InlineData(Schedule.Constant, 100, 0.2)]
    [InlineData(Schedule.Cosine, 0, 0.2)]
    [InlineData(Schedule.Cosine, 25, 0.17071067811865476)]
    [InlineData(Schedule.Cosine, 50, 0.1)]
    [InlineData(Schedule.Cosine, 100, 0.0)]
    public void LearningRate_Schedule_FollowsItsFormula(Schedule schedule, long step, double expected) =>
        Assert.Equal(expected, LearningRate.At(new SgdOptions { LearningRate = 0.2, Schedule = schedule }, step, 100), 1e-7);

    public void Dispose() => _device.Dispose();

    private static void Steps(Optimizer optimizer, Network network, Tensor<float> loss, int count)
    {
        for (int i = 0; i < count; i++)
        {
            int step = (int)optimizer.Steps;
            network.ParameterGradients.Write([.. Enumerable.Range(0, network.ParameterGradients.Length).Select(index => MathF.Sin((index * 3) + step))]);
            optimizer.Prepare(0.05f);
            optimizer.Step(loss);
        }
    }

    private Network Create()
    {
        var shape = new Shape(3);
        var network = new Network(_device, NetworkArchitecture.Create(shape, [new DenseOptions { Units = 1 }]), InputNormalization.None(shape));
        network.Initialize(1);
        return network;
    }
}
