using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Attacks;

/// <summary>Scores that are flat here and there: a search that comes there goes back and on.</summary>
public sealed class FlatScoreTests
{
    /// <summary>1.2 − relu(x + 0.9) + 4·relu(x − 0.5) − 3·relu(x − 0.9): flat below −0.9 and above 0.9, below 0 from 0.3 to 0.567.</summary>
    private static FunctionScoreModel Valley() => new(
        x => 1.2 - Relu(x + 0.9) + (4 * Relu(x - 0.5)) - (3 * Relu(x - 0.9)),
        x => -Step(x + 0.9) + (4 * Step(x - 0.5)) - (3 * Step(x - 0.9)));

    public static TheoryData<AttackNorm> Norms => [AttackNorm.L2, AttackNorm.Linf];

    [Theory]
    [MemberData(nameof(Norms))]
    public void Apgd_ComesToFlatPlaces_GoesOnFromItsBestPoint(AttackNorm norm)
    {
        using FunctionScoreModel model = Valley();
        var random = new RandomStream(13, "flat");
        float[][] points = [.. Enumerable.Range(0, 200).Select(_ => new[] { (float)random.NextDouble(-0.05, 0.05) })];
        Dataset data = AttackCase.Decided(model, points);
        SplitAttackResult result = AttackCase.Run(model, data, new ApgdOptions { Norm = norm, Epsilons = [1] }, new PgdOptions { Norm = norm, Epsilons = [1] });
        Assert.Equal(200, result.Attacked);
        Assert.True(result.Attacks[0].FlipRate >= 0.79, $"{result.Attacks[0].FlipRate}");
        Assert.True(result.Attacks[0].FlipRate >= result.Attacks[1].FlipRate - 0.05, $"{result.Attacks[0].FlipRate}, PGD {result.Attacks[1].FlipRate}");
    }

    [Theory]
    [MemberData(nameof(Norms))]
    public void MinimumNorm_ComesToFlatPlaces_FindsTheDistance(AttackNorm norm)
    {
        using FunctionScoreModel model = Valley();
        var random = new RandomStream(17, "flat");
        Dataset data = AttackCase.Decided(model, Enumerable.Range(0, 30).Select(_ => new[] { (float)random.NextDouble(-0.2, 0.2) }));
        // HopSkipJump sees no gradients: it starts at random here, and may find no start at all.
        foreach (AttackOptions options in AttackCase.MinimumNorm().Where(o => o.Norm == norm && o is not HopSkipJumpOptions))
        {
            double?[] found = AttackCase.Distances(AttackCase.Run(model, data, options));
            for (int i = 0; i < found.Length; i++)
            {
                double exact = 0.3 - data.Features![i];
                Assert.True(found[i] <= exact * 1.02, $"{options.Name}: {found[i]} where {exact} is right");
            }
        }
    }

    private static double Relu(double x) => Math.Max(x, 0);

    private static double Step(double x) => x > 0 ? 1 : 0;
}
