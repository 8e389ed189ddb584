using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Tests.Training;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>Steps that the host does not wait for find what looking after each step finds: the same flips, inputs and counts.</summary>
public sealed class QueuedDescentTests
{
    private const int Steps = (2 * QueuedDescent.StepsPerLook) + 3;

    public static TheoryData<AttackOptions> Attacks =>
    [
        new FgsmOptions { Epsilons = [0.02, 0.1, 0.3] },
        new FgsmOptions { Epsilons = [0.5, 2], Norm = AttackNorm.L2 },
        new PgdOptions { Epsilons = [0.05, 0.15, 0.25], Steps = Steps, Restarts = 2 },
        new PgdOptions { Epsilons = [0.3, 0.8], Steps = Steps, Norm = AttackNorm.L2 },
        new PgdOptions { Epsilons = [0.25], Steps = QueuedDescent.StepsPerLook, RandomStart = false },
        new PgdOptions { Epsilons = [0.3], Steps = 1 },
        new PgdOptions { Epsilons = [0.1, 0.25], Steps = Steps, Targets = 1 },
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_TwoClasses_FindsTheSame(AttackOptions attack)
    {
        DataSplits splits = ToyData.Images(24, 24);
        AssertSame(splits, ToyTraining.Layers, attack);
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_SeveralClasses_FindsTheSame(AttackOptions attack)
    {
        DataSplits splits = ClassToyData.Images([16, 16, 16]);
        AssertSame(splits, ClassToyData.Layers, attack);
    }

    [Fact]
    public void Run_RowsWithoutAGradient_AreGivenUpAndCountedAlike()
    {
        // The score of 0, 0 is finite; its derivative by the first feature, 10³⁰ · 10³⁰, is not, and that of 1, 1 neither moves nor is missed.
        Dataset data = Dataset.OfPoints(2, [1, 1, 1], [0, 0, 0, 1, 0, 2]);
        AttackResult outcome = AssertSame(
            data,
            device =>
            {
                var network = new Network(device, NetworkArchitecture.Create(new Shape(2), [new DenseOptions { Units = 2 }, new DenseOptions { Units = 1 }]), InputNormalization.None(new Shape(2)));
                network.SetParameter("layers.0.weight", [1e30f, 0, 0, 1]);
                network.SetParameter("layers.1.weight", [1e30f, 1]);
                network.SetParameter("layers.1.bias", [1]);
                return network;
            },
            new PgdOptions { Epsilons = [0.5], Steps = 4, RandomStart = false });
        Assert.Equal((3, 3), (outcome.Counters.NonFiniteGradients, outcome.Counters.Gradients));
    }

    [Fact]
    public void Run_ConstantScore_HasZeroGradientsAlike()
    {
        Dataset data = Dataset.OfPoints(2, [1, 1, 1], [0, 0, 0, 1, 0, 2]);
        AttackResult outcome = AssertSame(
            data,
            device =>
            {
                var network = new Network(device, NetworkArchitecture.Create(new Shape(2), [new DenseOptions { Units = 1 }]), InputNormalization.None(new Shape(2)));
                network.SetParameter("layers.0.bias", [1]);
                return network;
            },
            new PgdOptions { Epsilons = [0.5], Steps = Steps });
        Assert.Equal((3, 3), (outcome.Counters.ZeroGradients, outcome.Counters.Gradients));
    }

    [SkippableTheory]
    [InlineData("ilgpu-cpu")]
    [InlineData("opencl")]
    [InlineData("cuda")]
    public void Run_OnADeviceWithAQueue_FindsWhatSimdFinds(string name)
    {
        // One dense layer, small rows: a simulated thread costs a thread.
        Dataset data = ToyData.Points(3).Test;
        var options = new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [1], Steps = QueuedDescent.StepsPerLook + 2, Norm = AttackNorm.L2 }] };
        SplitAttackResult expected = On("simd");
        SplitAttackResult actual = On(name);
        Assert.Equal(expected.Samples.Select(static sample => sample.Index), actual.Samples.Select(static sample => sample.Index));
        Assert.All(expected.Attacks.Zip(actual.Attacks), pair => Assert.Equal(pair.First.Flipped, pair.Second.Flipped));
        Assert.InRange(expected.Attacks[0].FlippedCount, 1, expected.Attacked - 1);

        SplitAttackResult On(string deviceName)
        {
            using ComputeDevice device = Devices.Open(deviceName);
            using Network network = Slanted(device);
            using NetworkPlan plan = network.Plan(4, PlanPurpose.Attack);
            return AttackRunner.Run(plan, data, options, null, CancellationToken.None);
        }
    }

    private static Network Slanted(ComputeDevice device)
    {
        var network = new Network(device, NetworkArchitecture.Create(new Shape(2), [new DenseOptions { Units = 1 }]), InputNormalization.None(new Shape(2)));
        network.SetParameter("layers.0.weight", [1, 0.3f]);
        return network;
    }

    private static void AssertSame(DataSplits splits, IReadOnlyList<LayerOptions> layers, AttackOptions attack)
    {
        AttackResult last = AssertSame(
            splits.Test,
            device =>
            {
                Network network = ToyTraining.CreateNetwork(device, splits, layers);
                Trainer.Run(network, splits, ToyTraining.Options with { Epochs = 3 }, null, new RecordingObserver(), CancellationToken.None);
                return network;
            },
            attack);
        Assert.True(last.FlippedCount > 0);
    }

    /// <summary>The outcome of the largest budget.</summary>
    private static AttackResult AssertSame(Dataset data, Func<ComputeDevice, Network> create, AttackOptions attack)
    {
        using var device = new SimdDevice(threads: 1);
        using Network network = create(device);
        using NetworkPlan plan = network.Plan(13, PlanPurpose.Attack);
        var options = new AttackRunOptions { Attacks = [attack], KeepAdversarial = true };
        SplitAttackResult looking = AttackRunner.Run(plan, data, options with { QueuesSteps = false }, null, CancellationToken.None);
        SplitAttackResult queued = AttackRunner.Run(plan, data, options with { QueuesSteps = true }, null, CancellationToken.None);
        Assert.Equal(looking.Attacks.Count, queued.Attacks.Count);
        foreach ((AttackResult expected, AttackResult actual) in looking.Attacks.Zip(queued.Attacks))
        {
            Assert.Equal(expected.Flipped, actual.Flipped);
            Assert.Equal(expected.Counters, actual.Counters);
            Assert.Equal(expected.Adversarial!, actual.Adversarial!);
        }

        return looking.Attacks[^1];
    }
}
