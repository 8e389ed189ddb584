using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Numerics;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>More tries of any kind never give less.</summary>
public sealed class RestartTests
{
    public static TheoryData<long, AttackNorm, bool> Models => new()
    {
        { 1, AttackNorm.L2, false }, { 2, AttackNorm.Linf, false }, { 3, AttackNorm.L2, true }, { 4, AttackNorm.Linf, true },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void MinimumNorm_MoreTries_NeverFarther(long seed, AttackNorm norm, bool rounded)
    {
        double?[]? before = null;
        foreach (int restarts in (int[])[1, 2, 5])
        {
            before = AssertNoFarther(before, Distances(seed, new FabOptions { Norm = norm, Steps = 10, Restarts = restarts, Rounded = rounded }));
        }

        before = null;
        foreach (int searches in (int[])[1, 3, 6])
        {
            before = AssertNoFarther(before, Distances(seed, new CarliniWagnerOptions { Steps = 20, SearchSteps = searches, Rounded = rounded }));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void FixedBudget_MoreTries_FlipAllThatFewerFlip(long seed, AttackNorm norm, bool rounded)
    {
        Fraction[] epsilons = norm == AttackNorm.Linf ? [0.02, 0.06] : [0.1, 0.3];
        Func<int, AttackOptions>[] attacks =
        [
            n => new PgdOptions { Norm = norm, Epsilons = epsilons, Steps = 4, Restarts = n, Rounded = rounded },
            n => new ApgdOptions { Norm = norm, Epsilons = epsilons, Steps = 4, Restarts = n, Rounded = rounded },
            n => new NoiseOptions { Norm = norm, Epsilons = epsilons, Draws = 10 * n, Rounded = rounded },
            n => new SuiteOptions { Norm = norm, Epsilons = epsilons, Steps = 4, Restarts = n, Queries = 10, Rounded = rounded },
        ];
        foreach (Func<int, AttackOptions> attack in attacks)
        {
            SplitAttackResult few = Run(seed, attack(1));
            SplitAttackResult many = Run(seed, attack(4));
            foreach ((AttackResult fewer, AttackResult more) in few.Attacks.Zip(many.Attacks))
            {
                Assert.DoesNotContain(true, fewer.Flipped.Zip(more.Flipped, (a, b) => a && !b));
            }
        }
    }

    [Fact]
    public void Suite_Thorough_NamesTheAttackOfEachFlip()
    {
        SplitAttackResult result = Run(7, new SuiteOptions { Norm = AttackNorm.L2, Epsilons = [0.1, 0.3], Steps = 5, Suite = SuiteKind.Thorough });
        var options = new SuiteOptions { Epsilons = [1], Suite = SuiteKind.Thorough };
        Assert.Equal((5, 5_000), (options.Restarts, options.Queries));
        foreach (AttackResult outcome in result.Attacks)
        {
            Assert.All(outcome.Flipped.Zip(outcome.FoundBy), pair => Assert.Equal(pair.First, pair.Second is "apgd" or "fab" or "fmn" or "square"));
        }

        Assert.True(result.Attacks[1].FlippedCount > 0);
    }

    [Theory]
    [InlineData(AttackNorm.L2)]
    [InlineData(AttackNorm.Linf)]
    public void Suite_Thorough_FlipsWhateverFmnOrFabFlips(AttackNorm norm)
    {
        // Few steps and one query leave samples to either search alone. FMN takes as many steps as FAB's five starts.
        for (long seed = 0; seed < 6; seed++)
        {
            double?[] fmn = Distances(seed, new FmnOptions { Norm = norm, Steps = 40 });
            double?[] fab = Distances(seed, new FabOptions { Norm = norm, Steps = 8, Restarts = 5 });
            double[] budgets = [.. fmn.Concat(fab).OfType<double>().Order().Where(static (_, i) => i % 5 == 2).Distinct()];
            Assert.NotEmpty(budgets);
            SplitAttackResult suite = Run(seed, new SuiteOptions { Norm = norm, Epsilons = [.. budgets.Select(static budget => new Fraction(budget))], Steps = 8, Queries = 2, Suite = SuiteKind.Thorough });
            foreach (AttackResult outcome in suite.Attacks)
            {
                Assert.All(outcome.Flipped.Zip(suite.Samples), sample => Assert.True(
                    sample.First || !(fmn[sample.Second.Index] <= outcome.Epsilon || fab[sample.Second.Index] <= outcome.Epsilon)));
            }
        }
    }

    private static double?[] AssertNoFarther(double?[]? before, double?[] now)
    {
        Assert.Contains(now, distance => distance is not null);
        for (int i = 0; i < now.Length; i++)
        {
            Assert.True(before?[i] is null || now[i] <= before[i], $"{now[i]} after {before?[i]}");
        }

        return now;
    }

    private static double?[] Distances(long seed, AttackOptions attack) => AttackCase.Distances(Run(seed, attack));

    private static SplitAttackResult Run(long seed, AttackOptions attack)
    {
        var shape = new Shape(6, 6, 1);
        using var model = new TanhScoreModel(shape, 12, seed, maxBatch: 30);
        var random = new RandomStream(seed, "restarts");
        byte[] pixels = [.. Enumerable.Range(0, 30 * shape.Length).Select(_ => (byte)random.NextInt32(256))];
        sbyte[] labels = [.. pixels.Chunk(shape.Length).Select(image => (sbyte)(model.Score([.. image.Select(value => value / 255f)]) > 0 ? 1 : -1))];
        return AttackCase.Run(model, Dataset.OfImages(shape, labels, pixels), attack);
    }
}
