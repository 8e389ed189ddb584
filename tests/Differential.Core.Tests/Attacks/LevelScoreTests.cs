using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Attacks;

/// <summary>Both labels are alike to an attack, on the boundary too.</summary>
public sealed class LevelScoreTests
{
    public static TheoryData<string> Attacks => [.. AttackCase.MinimumNorm().Concat(AttackCase.FixedBudget(1)).Select(Name)];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void LevelScore_IsAtDistanceZero(string attack)
    {
        using LinearScoreModel model = AttackCase.Linear([1, -1]);
        SplitAttackResult result = AttackCase.Run(model, AttackCase.Points([1, 2, 1], [-1, 3, 3], [-1, 1, 3]), Options(attack));
        Assert.Equal(3, result.Attacked);
        double?[] found = AttackCase.Distances(result);
        Assert.Equal(0, found[1]);
        if (Options(attack) is not NoiseOptions)
        {
            Assert.NotNull(found[0]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.02)]
    public void DeepFool_MirrorImages_AreEquallyFar(double overshoot)
    {
        using LinearScoreModel model = AttackCase.Linear([1, -1]);
        foreach (AttackNorm norm in AttackNormNames.Common)
        {
            double?[] found = AttackCase.Distances(AttackCase.Run(
                model, AttackCase.Points([1, 2, 1], [-1, 1, 2], [1, 7, 4], [-1, 4, 7], [1, 1, 0.5f], [-1, 0.5f, 1]), new DeepFoolOptions { Norm = norm, Overshoot = overshoot }));
            for (int i = 0; i < found.Length; i += 2)
            {
                Assert.Equal(found[i]!.Value, found[i + 1]!.Value, 1e-4 * found[i]!.Value);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void MirrorImages_AreEquallyFar(string attack)
    {
        AttackOptions options = Options(attack);
        if (options is NoiseOptions or HopSkipJumpOptions)
        {
            // Their draws differ from sample to sample.
            return;
        }

        var random = new RandomStream(3, "mirror");
        float[] weight = [.. Enumerable.Range(0, 5).Select(_ => (float)random.NextNormal())];
        float[][] points = [.. Enumerable.Range(0, 20).Select(_ => weight.Select(_ => (float)random.NextNormal()).ToArray())];
        using LinearScoreModel model = AttackCase.Linear(weight);
        Dataset data = AttackCase.Decided(model, points);
        Dataset mirrored = AttackCase.Decided(model, points.Select(x => x.Select(value => -value).ToArray()));
        double?[] one = AttackCase.Distances(AttackCase.Run(model, data, options));
        double?[] other = AttackCase.Distances(AttackCase.Run(model, mirrored, options));
        Assert.All(one.Zip(other), pair =>
        {
            if (options is FixedBudgetOptions)
            {
                Assert.Equal(pair.First is null, pair.Second is null);
            }
            else
            {
                Assert.Equal(pair.First!.Value, pair.Second!.Value, 2e-3 * pair.First.Value);
            }
        });
    }

    private static AttackOptions Options(string name) => AttackCase.MinimumNorm().Concat(AttackCase.FixedBudget(1)).Single(options => Name(options) == name);

    private static string Name(AttackOptions options) => $"{options.Name}/{options.Norm}";
}
