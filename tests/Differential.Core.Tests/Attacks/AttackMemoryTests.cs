using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Tests.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>Attacks shrink their batch to the device's memory, and find the same.</summary>
public sealed class AttackMemoryTests
{
    private static readonly DataSplits Splits = ToyData.Images();

    /// <summary>Labelled as the network decides, so that each sample is attacked.</summary>
    private static readonly Dataset Decided = Relabel(Splits.Test);

    public static TheoryData<AttackOptions> Attacks =>
    [
        new FgsmOptions { Epsilons = [0.1] },
        new PgdOptions { Epsilons = [0.05, 0.2], Steps = 3, Restarts = 2, Momentum = 0.5 },
        new ApgdOptions { Epsilons = [0.1], Steps = 4, Norm = AttackNorm.L2 },
        new DeepFoolOptions { Steps = 4 },
        new FabOptions { Steps = 3 },
        new CarliniWagnerOptions { SearchSteps = 1, Steps = 3 },
        new SquareOptions { Epsilons = [0.2], Queries = 6, Rounded = true },
        new NoiseOptions { Epsilons = [0.2], Draws = 3 },
        new SuiteOptions { Epsilons = [0.1], Steps = 3, Queries = 6 },
    ];

    [Fact]
    public void Batch_OfQueuedSteps_CountsWhatTheyTake() => AssertSmallerAndSame(
        new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [0.05, 0.2], Steps = 3, Restarts = 2 }], Limit = 12, QueuesSteps = true });

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Batch_WithLittleMemory_IsSmallerAndFindsTheSame(AttackOptions attack) => AssertSmallerAndSame(new AttackRunOptions { Attacks = [attack], Limit = 12 });

    [Fact]
    public void Batch_NotOneSampleFits_SaysWhatIsNeeded()
    {
        var options = new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [0.1] }] };
        using ComputeDevice device = Devices.Open("simd", new DeviceOptions { MemoryLimit = 9_000 });
        using Network network = Network(device);

        MemoryShortageException exception = Assert.Throws<MemoryShortageException>(() => AttackMemory.Batch(network, Decided, options, 32));

        Assert.True(exception.Shortage.NeededBytes > exception.Shortage.AvailableBytes);
        Assert.InRange(exception.Shortage.AvailableBytes, 1, 9_000);
    }

    private static void AssertSmallerAndSame(AttackRunOptions options)
    {
        const int Most = 12;
        (SplitAttackResult whole, int all, long peak) = Run(0, options, Most);
        Assert.Equal(Most, all);

        (SplitAttackResult exact, int same, _) = Run(peak, options, Most);
        Assert.Equal(Most, same);
        AssertSame(whole, exact);

        (SplitAttackResult smaller, int fewer, long less) = Run(peak * 2 / 3, options, Most);
        Assert.InRange(fewer, 1, Most - 1);
        Assert.InRange(less, 1, peak * 2 / 3);
        AssertSame(whole, smaller);
    }

    private static (SplitAttackResult Result, int Batch, long Peak) Run(long limit, AttackRunOptions options, int most)
    {
        using ComputeDevice device = Devices.Open("simd", new DeviceOptions { MemoryLimit = limit });
        using Network network = Network(device);
        int batch = AttackMemory.Batch(network, Decided, options, most);
        using NetworkPlan plan = network.Plan(batch, PlanPurpose.Attack);
        return (AttackRunner.Run(plan, Decided, options, null, CancellationToken.None), batch, device.PeakBytes);
    }

    private static Dataset Relabel(Dataset data)
    {
        using ComputeDevice device = Devices.Open("simd");
        using Network network = Network(device);
        float[] scores = ScoreEvaluator.Scores(network, data);
        return Dataset.OfImages(data.SampleShape, [.. scores.Select(score => (sbyte)(score > network.Threshold ? 1 : -1))], data.Pixels!);
    }

    private static Network Network(ComputeDevice device)
    {
        Network network = ToyTraining.CreateNetwork(device, Splits);
        network.Initialize(3);
        return network;
    }

    private static void AssertSame(SplitAttackResult expected, SplitAttackResult actual)
    {
        Assert.Equal(expected.Samples, actual.Samples);
        Assert.NotEmpty(expected.Attacks);
        foreach ((AttackResult a, AttackResult b) in expected.Attacks.Zip(actual.Attacks))
        {
            Assert.Equal(a.Flipped, b.Flipped);
            Assert.Equal(a.Distances, b.Distances);
            Assert.Equal(a.Counters, b.Counters);
        }
    }
}
