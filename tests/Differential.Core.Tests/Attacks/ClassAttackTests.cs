using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>Attacks on linear models of several classes, where the distance to the nearest boundary is known.</summary>
public sealed class ClassAttackTests : IDisposable
{
    /// <summary>Of a network's scores in float32, in which it decides.</summary>
    private const double Rounding = 1e-5;

    private static readonly string[] Problems = ["unbounded", "inside", "cut"];

    private readonly SimdDevice _device = new(threads: 1);

    public static TheoryData<string, AttackOptions, double> MinimumNorm()
    {
        var table = new TheoryData<string, AttackOptions, double>();
        foreach (string problem in Problems)
        {
            foreach (AttackNorm norm in AttackNormNames.Common)
            {
                table.Add(problem, new DeepFoolOptions { Norm = norm }, problem == "cut" ? 3e-3 : 1e-4);
                table.Add(problem, new DeepFoolOptions { Norm = norm, Overshoot = 1e-4 }, 1e-4);
                table.Add(problem, new FabOptions { Norm = norm }, 1e-4);
            }

            table.Add(problem, new FmnOptions { Norm = AttackNorm.L2 }, 1e-4);

            // Where most elements are at their bounds, the depth that a flip keeps beyond the threshold is several times as much of the distance.
            table.Add(problem, new FmnOptions { Norm = AttackNorm.Linf }, problem == "cut" ? 2e-4 : 1e-4);
            table.Add(problem, new FmnOptions { Norm = AttackNorm.L1 }, 1e-4);
            table.Add(problem, new CarliniWagnerOptions { LearningRate = problem == "unbounded" ? 0.2 : 0.05 }, 0.005);
        }

        return table;
    }

    public static TheoryData<string, AttackOptions, double> FixedBudget()
    {
        var table = new TheoryData<string, AttackOptions, double>();
        foreach (string problem in Problems)
        {
            foreach (AttackNorm norm in AttackNormNames.Common)
            {
                if (norm == AttackNorm.Linf || problem != "cut")
                {
                    table.Add(problem, new FgsmOptions { Norm = norm, Epsilons = [] }, 1e-4);
                }

                table.Add(problem, new PgdOptions { Norm = norm, Epsilons = [], Steps = 100, RandomStart = false }, 0.001);
                table.Add(problem, new ApgdOptions { Norm = norm, Epsilons = [], Steps = 50, Restarts = 2 }, 0.002);

                // The scores of the points without bounds are so large that the softmax has no gradient.
                if (problem != "unbounded")
                {
                    table.Add(problem, new PgdOptions { Norm = norm, Epsilons = [], Steps = 100, RandomStart = false, Objective = AttackObjective.CrossEntropy }, 0.001);
                }

                table.Add(problem, new ApgdOptions { Norm = norm, Epsilons = [] }, 0.001);
                table.Add(problem, new SuiteOptions { Norm = norm, Epsilons = [], Queries = 50 }, 0.001);
            }
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(MinimumNorm))]
    public void Run_MinimumNorm_FindsTheExactDistance(string name, AttackOptions options, double tolerance)
    {
        var problem = ClassProblem.Named(name);
        SplitAttackResult result = Run(problem, options);
        AttackResult outcome = Assert.Single(result.Attacks);
        Assert.Equal(problem.Data.Count, result.Attacked);
        for (int i = 0; i < result.Attacked; i++)
        {
            AttackedSample sample = result.Samples[i];
            double exact = problem.Distance(sample.Index, options.Norm);
            Assert.NotNull(outcome.Distances![i]);
            double found = outcome.Distances[i]!.Value;
            Assert.True(found >= (exact * (1 - 1e-5)) - 1e-6, $"{found} is below the exact {exact}");
            Assert.True(found <= (exact * (1 + tolerance)) + 1e-6, $"{found} is above the exact {exact} by {(found / exact) - 1:E1}");
            Assert.All(outcome.Adversarial![i]!, value => Assert.InRange(value, problem.Data.Low, problem.Data.High));
            Assert.True(problem.Margin(outcome.Adversarial[i]!, sample.Label) <= Rounding);
        }

        Assert.Equal(0, outcome.Counters.Unverified);
    }

    [Theory]
    [MemberData(nameof(FixedBudget))]
    public void Run_FixedBudget_FlipsExactlyWhatLiesWithinIt(string name, AttackOptions options, double tolerance)
    {
        var problem = ClassProblem.Named(name);
        double[] distances = [.. Enumerable.Range(0, problem.Data.Count).Select(i => problem.Distance(i, options.Norm)).Order()];
        Fraction[] epsilons = [distances[2] * 1.02, distances[10] * 1.02, distances[22] * 1.02, distances[^1] * 1.02];
        SplitAttackResult result = Run(problem, (FixedBudgetOptions)options with { Epsilons = epsilons });
        Assert.Equal(problem.Data.Count, result.Attacked);
        int decided = 0;
        foreach (AttackResult outcome in result.Attacks)
        {
            for (int i = 0; i < result.Attacked; i++)
            {
                double distance = problem.Distance(result.Samples[i].Index, options.Norm);
                bool within = outcome.Epsilon > (distance * (1 + tolerance)) + 1e-6;
                if (within || outcome.Epsilon < (distance * (1 - 1e-4)) - 1e-6)
                {
                    Assert.True(within == outcome.Flipped[i], $"distance {distance}, budget {outcome.Epsilon}: {outcome.Flipped[i]}");
                    decided++;
                }

                if (outcome.Flipped[i])
                {
                    Assert.True(problem.Margin(outcome.Adversarial![i]!, result.Samples[i].Label) <= Rounding);
                }
            }

            Assert.Equal(0, outcome.Counters.Unverified);
        }

        Assert.True(decided > 0.7 * result.Attacked * epsilons.Length);
    }

    /// <summary>Without gradients an attack is no exact one, but no flip of it lies nearer than the boundary.</summary>
    [Theory]
    [InlineData("inside")]
    [InlineData("cut")]
    public void Run_WithoutGradients_FlipsAndNeverWithinTheExactDistance(string name)
    {
        var problem = ClassProblem.Named(name);
        foreach (AttackNorm norm in AttackNormNames.Common)
        {
            double middle = Enumerable.Range(0, problem.Data.Count).Select(i => problem.Distance(i, norm)).Order().ElementAt(15);
            SplitAttackResult result = Run(
                problem,
                new HopSkipJumpOptions { Norm = norm, Iterations = 10 },
                new SquareOptions { Norm = norm, Epsilons = [2 * middle], Queries = 300 },
                new NoiseOptions { Norm = norm, Epsilons = [3 * middle], Draws = 50 });
            Assert.Equal(result.Attacked, result.Attacks[0].FlippedCount);
            Assert.All(result.Attacks, outcome => Assert.True(outcome.FlippedCount > 0, outcome.Kind));
            for (int i = 0; i < result.Attacked; i++)
            {
                double exact = problem.Distance(result.Samples[i].Index, norm) * (1 - 1e-4);
                Assert.True(result.Attacks[0].Distances![i] >= exact);
                Assert.All(result.Attacks.Skip(1), outcome => Assert.True(!outcome.Flipped[i] || outcome.Epsilon >= exact));
            }

            double mean = result.Attacks[0].DistanceSummary!.Mean!.Value / Enumerable.Range(0, problem.Data.Count).Average(i => problem.Distance(i, norm));
            Assert.InRange(mean, 1, 1.5);
        }
    }

    /// <summary>Aiming is what finds the nearest of several classes: without it the way is to the class with the nearest score.</summary>
    [Fact]
    public void DeepFool_AimedAtEachClass_IsNearerThanWithoutAim()
    {
        var problem = ClassProblem.Named("unbounded", 60);
        SplitAttackResult result = Run(problem, new DeepFoolOptions { Targets = 0 }, new DeepFoolOptions { Targets = 1 }, new DeepFoolOptions());
        double[] sums = [.. result.Attacks.Select(outcome => outcome.Distances!.Sum(distance => distance!.Value))];
        Assert.True(sums[2] < sums[0] * 0.999, $"{sums[2]} is not below {sums[0]}");
        Assert.True(sums[1] <= sums[0] && sums[2] <= sums[1]);
        Assert.True(result.Attacks[2].Counters.Gradients > 2 * result.Attacks[0].Counters.Gradients);
    }

    public static TheoryData<AttackOptions> Kinds =>
    [
        new PgdOptions { Norm = AttackNorm.L2, Epsilons = [0.1, 0.2], Steps = 5, Restarts = 2 },
        new ApgdOptions { Epsilons = [0.02, 0.05], Steps = 10 },
        new SuiteOptions { Norm = AttackNorm.L2, Epsilons = [0.1, 0.2], Steps = 10, Queries = 20 },
        new DeepFoolOptions { Rounded = true },
        new FabOptions { Steps = 10, Restarts = 2 },
        new CarliniWagnerOptions { Steps = 20, SearchSteps = 2 },
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_AnyBatchSizeAndThreadCount_SameBits(AttackOptions attack)
    {
        var problem = ClassProblem.Named("cut", 40);
        SplitAttackResult[] results = [Run(40, 1), Run(7, 1), Run(16, 2)];
        Assert.Contains(results[0].Attacks, outcome => outcome.FlippedCount > 0);
        foreach (SplitAttackResult result in results.Skip(1))
        {
            Assert.Equal(results[0].Samples, result.Samples);
            foreach ((AttackResult expected, AttackResult actual) in results[0].Attacks.Zip(result.Attacks))
            {
                Assert.Equal(expected.Flipped, actual.Flipped);
                Assert.Equal(expected.Distances, actual.Distances);
                Assert.Equal(expected.Adversarial, actual.Adversarial);
            }
        }

        SplitAttackResult Run(int batch, int threads)
        {
            using var device = new SimdDevice(threads);
            using Network network = problem.Network(device);
            using NetworkPlan plan = network.Plan(batch, PlanPurpose.Attack);
            return AttackRunner.Run(plan, problem.Data, new AttackRunOptions { Attacks = [attack], Limit = 30, Seed = 3, KeepAdversarial = true }, null, CancellationToken.None);
        }
    }

    /// <summary>The softmax's cross-entropy saturates in float32 as the sigmoid's does: scores times 1,000 leave it no gradient, the margin loses nothing.</summary>
    [Fact]
    public void Pgd_OnLargeScores_OnlyTheMarginFindsFlips()
    {
        var problem = ClassProblem.Named("inside");
        using Network network = problem.Network(_device, scale: 1_000);
        using NetworkPlan plan = network.Plan(16, PlanPurpose.Attack);
        double budget = 1.1 * Enumerable.Range(0, problem.Data.Count).Max(i => problem.Distance(i, AttackNorm.L2));
        var pgd = new PgdOptions { Norm = AttackNorm.L2, Epsilons = [budget], RandomStart = false };
        SplitAttackResult result = AttackRunner.Run(
            plan, problem.Data, new AttackRunOptions { Attacks = [pgd, pgd with { Objective = AttackObjective.CrossEntropy }] }, null, CancellationToken.None);
        Assert.Equal(result.Attacked, result.Attacks[0].FlippedCount);
        Assert.True(result.Attacks[1].FlippedCount < result.Attacked / 2);
        Assert.True(result.Attacks[1].ZeroGradients > 0);
    }

    [Theory]
    [InlineData("unbounded")]
    [InlineData("inside")]
    public void Certified_OfALinearModel_IsTheExactDistance(string name)
    {
        var problem = ClassProblem.Named(name);
        using Network network = problem.Network(_device);
        SplitAttackResult result = Run(problem, new DeepFoolOptions());
        foreach (CertifyMethod method in Enum.GetValues<CertifyMethod>())
        {
            var options = new CertifyOptions { Methods = [method], Samples = problem.Data.Count };
            foreach (MarginBracket bracket in Certifier.Brackets(network, problem.Data, result, options, CancellationToken.None))
            {
                Assert.Equal(0, bracket.Crossed);
                for (int i = 0; i < result.Attacked; i++)
                {
                    double exact = problem.Distance(result.Samples[i].Index, bracket.Norm);
                    double least = method == CertifyMethod.Lipschitz ? 0.995 : 0.985;
                    Assert.InRange(bracket.Certified[i]!.Value, (exact * least) - 1e-3, exact);
                }
            }
        }
    }

    [Fact]
    public void Run_DataOfAnotherNumberOfClasses_Throws()
    {
        using LinearScoreModel model = LinearProblem.Unbounded().Model();
        Assert.Throws<ArgumentException>(() => AttackRunner.Run(
            model, ClassProblem.Named("unbounded").Data, new AttackRunOptions { Attacks = [new DeepFoolOptions()] }, null, CancellationToken.None));
    }

    public void Dispose() => _device.Dispose();

    private SplitAttackResult Run(ClassProblem problem, params AttackOptions[] attacks)
    {
        using Network network = problem.Network(_device);
        using NetworkPlan plan = network.Plan(16, PlanPurpose.Attack);
        return AttackRunner.Run(plan, problem.Data, new AttackRunOptions { Attacks = attacks, KeepAdversarial = true }, null, CancellationToken.None);
    }
}
