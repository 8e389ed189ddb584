using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Attacks;

/// <summary>What is told of a flip is true of the saved input: its distances, measured in float64, and that it lies within the budget.</summary>
public sealed class BudgetTests
{
    public static TheoryData<float, float> Offsets => new() { { 0, 1 }, { 1, 0.01f }, { 1e4f, 1 }, { 1e7f, 1 }, { 1e7f, 3 }, { -3e6f, 0.6f } };

    [Theory]
    [MemberData(nameof(Offsets))]
    public void Flips_OfLargeFeatures_LieWithinTheBudget(float offset, float epsilon)
    {
        using LinearScoreModel model = AttackCase.Linear([1, -1]);
        var random = new RandomStream(9, "budget");
        Dataset data = AttackCase.Decided(model, Enumerable.Range(0, 40).Select(_ => new[] { offset + (float)(3 * epsilon * random.NextNormal()), offset + (float)(3 * epsilon * random.NextNormal()) }));
        foreach (FixedBudgetOptions options in AttackCase.FixedBudget(epsilon))
        {
            SplitAttackResult result = AttackCase.Run(model, data, options);
            AssertMeasured(model, data, result, (options.Name, options.Norm));
        }

        foreach (AttackOptions options in AttackCase.MinimumNorm())
        {
            AssertMeasured(model, data, AttackCase.Run(model, data, options), (options.Name, options.Norm));
        }
    }

    [Fact]
    public void FoundDistances_OfImages_AreMeasuredInBothNorms()
    {
        LinearProblem problem = LinearProblem.CutByTheBox(20);
        using LinearScoreModel model = problem.Model();
        foreach (AttackOptions options in AttackCase.MinimumNorm().Concat(AttackCase.FixedBudget(0.2)))
        {
            SplitAttackResult result = AttackCase.Run(model, problem.Data, options);
            AssertMeasured(model, problem.Data, result, (options.Name, options.Norm));
            Assert.All(MarginBracket.FoundBy(result, AttackNorm.Linf), distance => Assert.True(distance is null or <= 1));
        }
    }

    [Theory]
    [InlineData(AttackNorm.L2)]
    [InlineData(AttackNorm.Linf)]
    [InlineData(AttackNorm.L1)]
    public void PullIn_OfAnyScale_EndsWithinTheLimitAndNearly(AttackNorm norm)
    {
        var random = new RandomStream(11, "ball");
        for (int i = 0; i < 20_000; i++)
        {
            float scale = MathF.Pow(10, random.NextInt32(13) - 6);
            float offset = random.NextInt32(2) * scale * MathF.Pow(10, random.NextInt32(5));
            float[] clean = [.. Enumerable.Range(0, 1 + random.NextInt32(20)).Select(_ => offset + (scale * (float)random.NextNormal()))];
            float[] x = [.. clean.Select(value => value + (scale * (float)random.NextNormal()))];
            double limit = BudgetBall.Limit(FlipDistances.Between(x, clean).In(norm) * random.NextDouble());
            float[] pulled = [.. x];
            BudgetBall.PullIn(pulled, clean, norm, limit);
            double distance = FlipDistances.Between(pulled, clean).In(norm);
            Assert.True(distance <= limit, $"{distance} beyond {limit}");
            Assert.True(distance >= limit - (2 * (norm == AttackNorm.L1 ? x.Length : Math.Sqrt(x.Length)) * 1.2e-7 * (Math.Abs(offset) + (6 * scale))));
        }
    }

    private static void AssertMeasured(LinearScoreModel model, Dataset data, SplitAttackResult result, (string Attack, AttackNorm Norm) what)
    {
        AttackResult outcome = result.Attacks[0];
        var clean = new float[data.SampleShape.Length];
        for (int i = 0; i < result.Attacked; i++)
        {
            if (outcome.Adversarial![i] is not { } input)
            {
                Assert.False(outcome.Flipped[i]);
                continue;
            }

            AttackedSample sample = result.Samples[i];
            data.Sample(sample.Index, clean);
            double[] changes = [.. input.Zip(clean, (a, b) => Math.Abs((double)a - b))];
            Assert.Equal(Math.Sqrt(changes.Sum(change => change * change)), outcome.Found[i]!.Value.L2, 1e-12 * (1 + changes.Max()));
            Assert.Equal(changes.Max(), outcome.Found[i]!.Value.Linf);
            Assert.Equal(changes.Sum(), outcome.Found[i]!.Value.L1, 1e-12 * (1 + changes.Sum()));
            Assert.True(sample.CleanScore == 0 || sample.Label > 0 != model.Score(input) > model.Threshold, $"{what} does not flip");
            if (outcome.Epsilon is double epsilon)
            {
                Assert.True(outcome.Found[i]!.Value.In(what.Norm) <= Math.Max(epsilon, (float)epsilon), $"{what}: {outcome.Found[i]} beyond {epsilon}");
            }
        }
    }
}
