
using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Attacks;

public sealed class AttackRunnerTests
{
    public static TheoryData<AttackOptions> Attacks =>
    [
        new FgsmOptions { Epsilons = [0.05] },
        new PgdOptions { Epsilons = [0.02, 0.05], Steps = 5, Restarts = 2 },
        new PgdOptions { Norm = AttackNorm.L2, Epsilons = [0.1, 0.2], Steps = 5, Restarts = 2 },
        new ApgdOptions { Epsilons = [0.02, 0.05], Steps = 20, Restarts = 2 },
        new SquareOptions { Epsilons = [0.02, 0.05], Queries = 100 },
        new SquareOptions { Norm = AttackNorm.L2, Epsilons = [0.1, 0.2], Queries = 100 },
        new NoiseOptions { Epsilons = [0.2, 0.4], Draws = 20 },
        new SuiteOptions { Norm = AttackNorm.L2, Epsilons = [0.1, 0.2], Steps = 20, Queries = 50 },
        new DeepFoolOptions(),
        new FabOptions { Steps = 20, Restarts = 2 },
        new CarliniWagnerOptions { Steps = 50, SearchSteps = 3 },
        new HopSkipJumpOptions { Iterations = 4 },
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_AnyBatchSizeAndThreadCount_SameBits(AttackOptions attack)
    {
        LinearProblem problem = LinearProblem.CutByTheBox();
        SplitAttackResult[] results = [Run(60, 1), Run(7, 1), Run(1, 1), Run(16, 2)];
        Assert.Contains(results[0].Attacks, outcome => outcome.FlippedCount > 0);
        foreach (SplitAttackResult result in results.Skip(1))
        {
            Assert.Equal(results[0].Samples, result.Samples);
            foreach ((AttackResult expected, AttackResult actual) in results[0].Attacks.Zip(result.Attacks))
            {
                Assert.Equal(expected.Flipped, actual.Flipped);
                Assert.Equal(expected.Distances, actual.Distances);
                Assert.Equal(expected.Adversarial, actual.Adversarial);
                Assert.Equal(expected.Counters, actual.Counters);
            }
        }

        SplitAttackResult Run(int batch, int threads)
        {
            using LinearScoreModel model = problem.Model(batch, threads: threads);
            return AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [attack], Limit = 40, Seed = 3, KeepAdversarial = true }, null, CancellationToken.None);
        }
    }

    [Fact]
    public void Run_Seed_DecidesOrderAndStarts()
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        SplitAttackResult first = Run(1);
        SplitAttackResult again = Run(1);
        SplitAttackResult other = Run(2);
        Assert.Equal(first.Samples, again.Samples);
        Assert.Equal(first.Attacks[0].Adversarial, again.Attacks[0].Adversarial);
        Assert.NotEqual(first.Samples, other.Samples);

        SplitAttackResult Run(long seed)
        {
            using LinearScoreModel model = problem.Model();
            return AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [0.1] }], Limit = 10, Seed = seed, KeepAdversarial = true }, null, CancellationToken.None);
        }
    }

    [Fact]
    public void Run_WrongLabels_OnlyCorrectSamplesAreAttacked()
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        sbyte[] labels = [.. problem.Data.Labels.Select((label, i) => i % 4 == 0 ? (sbyte)-label : label)];
        var data = Dataset.OfImages(problem.Data.SampleShape, labels, problem.Data.Pixels!);
        using LinearScoreModel model = problem.Model();
        SplitAttackResult all = AttackRunner.Run(model, data, new AttackRunOptions { Attacks = [new FgsmOptions { Epsilons = [0.05] }] }, null, CancellationToken.None);
        SplitAttackResult limited = AttackRunner.Run(model, data, new AttackRunOptions { Attacks = [new FgsmOptions { Epsilons = [0.05] }], Limit = 11 }, null, CancellationToken.None);
        Assert.Equal((60, 45, 0.75, 45), (all.Count, all.Correct, all.Accuracy, all.Attacked));
        Assert.DoesNotContain(all.Samples, sample => sample.Index % 4 == 0);
        Assert.Equal((45, 11), (limited.Correct, limited.Attacked));
        Assert.Equal(all.Samples.Take(11), limited.Samples);
        Assert.Equal((double)limited.Attacks[0].FlippedCount / 11, limited.Attacks[0].FlipRate);
    }

    [Fact]
    public void Run_NothingCorrect_NoOutcome()
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        var data = Dataset.OfImages(problem.Data.SampleShape, [.. problem.Data.Labels.Select(label => (sbyte)-label)], problem.Data.Pixels!);
        using LinearScoreModel model = problem.Model();
        SplitAttackResult result = AttackRunner.Run(model, data, new AttackRunOptions { Attacks = [new DeepFoolOptions()] }, null, CancellationToken.None);
        Assert.Equal((0, 0, 0), (result.Correct, result.Attacked, result.Attacks.Count));
    }

    [Fact]
    public void Run_Observed_TellsProgressAndEachBudget()
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        using LinearScoreModel model = problem.Model(maxBatch: 16);
        var observer = new Recorder();
        AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [new FgsmOptions { Epsilons = [0.001, 0.1] }, new DeepFoolOptions()] }, observer, CancellationToken.None);
        Assert.Equal([0.001, 0.1, null], observer.Finished.Select(outcome => outcome.Epsilon));
        Assert.All(observer.Progress, progress => Assert.Equal((2, 60), (progress.Attacks, progress.Total)));
        Assert.Equal(3, observer.Progress.Count(progress => progress.Done == 60));
        Assert.Equal([0, 16, 32, 48, 60], observer.Progress.Where(progress => progress.Attack == 1).Select(progress => progress.Done));
    }

    [Fact]
    public void Run_Cancelled_StopsBetweenSteps()
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        using LinearScoreModel model = problem.Model();
        using var source = new CancellationTokenSource();
        var observer = new Recorder { OnProgress = source.Cancel };
        Assert.Throws<OperationCanceledException>(() => AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [1e-4], Steps = 100_000 }] }, observer, source.Token));
        Assert.True(model.Forwards < 200, $"{model.Forwards} forward passes");
    }

    [Theory]
    [InlineData(AttackNorm.Linf)]
    [InlineData(AttackNorm.L2)]
    public void Run_MoreSteps_AllocateNothingMore(AttackNorm norm)
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        Func<int, AttackOptions>[] attacks =
        [
            steps => new PgdOptions { Norm = norm, Epsilons = [1e-4], Steps = steps },
            steps => new ApgdOptions { Norm = norm, Epsilons = [1e-4], Steps = steps },
            steps => new FabOptions { Norm = norm, Steps = steps },
            steps => new SquareOptions { Norm = norm, Epsilons = [1e-4], Queries = steps },
        ];
        foreach (Func<int, AttackOptions> attack in attacks)
        {
            Run(attack(10));
            long few = Run(attack(10));
            long many = Run(attack(510));
            Assert.True(many - few < 20_000, $"{attack(510).Name}: {many - few} bytes in 500 steps");
        }

        long Run(AttackOptions attack)
        {
            using LinearScoreModel model = problem.Model();
            long before = GC.GetAllocatedBytesForCurrentThread();
            AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [attack] }, null, CancellationToken.None);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Run_OtherSampleShape_IsRefused()
    {
        using LinearScoreModel model = LinearProblem.InsideTheBox().Model();
        Assert.Throws<ArgumentException>(() => AttackRunner.Run(model, LinearProblem.Unbounded().Data, new AttackRunOptions { Attacks = [] }, null, CancellationToken.None));
    }

    private sealed class Recorder : IAttackObserver
    {
        public List<AttackProgress> Progress { get; } = [];

        public List<AttackResult> Finished { get; } = [];

        public Action? OnProgress { get; init; }

        public void Progressed(AttackProgress progress)
        {
            Progress.Add(progress);
            OnProgress?.Invoke();
        }

        void IAttackObserver.Finished(AttackResult outcome) => Finished.Add(outcome);
    }
}
