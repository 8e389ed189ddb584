
using Differential.Core.Attacks;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Attacks;

/// <summary>Part C of paper.md: a score times k decides the same, and hides the cross-entropy's gradient.</summary>
public sealed class GradientMaskingTests
{
    /// <summary>1, 10 and 100 times a score that does not saturate.</summary>
    private static readonly float[] Scales = [0.3f, 3, 30];

    [Fact]
    public void Pgd_ScaledScore_CrossEntropyLosesFlipsAndTheMarginDoesNot()
    {
        AttackResult[] margin = [.. Scales.Select(scale => Run(scale, AttackObjective.Margin))];
        AttackResult[] crossEntropy = [.. Scales.Select(scale => Run(scale, AttackObjective.CrossEntropy))];
        Assert.Equal(margin[0].FlippedCount, margin[1].FlippedCount);
        Assert.Equal(margin[0].FlippedCount, margin[2].FlippedCount);
        Assert.All(margin, outcome => Assert.Equal(0, outcome.ZeroGradients));
        Assert.Equal(margin[0].FlippedCount, crossEntropy[0].FlippedCount);
        Assert.True(crossEntropy[1].FlippedCount < crossEntropy[0].FlippedCount);
        Assert.True(crossEntropy[2].FlippedCount < crossEntropy[1].FlippedCount);
        Assert.Equal(0, crossEntropy[0].ZeroGradients);
        Assert.True(crossEntropy[1].ZeroGradients > 0);
        Assert.True(crossEntropy[2].ZeroGradients > crossEntropy[1].ZeroGradients);
    }

    [Fact]
    public void Pgd_NonFiniteGradients_AreCountedAndNeverFlips()
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        using var model = new BrokenGradientModel(problem);
        SplitAttackResult result = AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [0.2] }, new DeepFoolOptions()] }, null, CancellationToken.None);
        Assert.All(result.Attacks, outcome => Assert.Equal(result.Attacked - outcome.FlippedCount, outcome.NonFiniteGradients));
        Assert.Equal(0, result.Attacks[1].FlippedCount);
    }

    private static AttackResult Run(float scale, AttackObjective objective)
    {
        LinearProblem problem = LinearProblem.Unbounded();
        using LinearScoreModel model = problem.Model(scale: scale);
        double[] distances = [.. Enumerable.Range(0, problem.Data.Count).Select(i => problem.Distance(i, AttackNorm.L2)).Order()];
        var attack = new PgdOptions { Norm = AttackNorm.L2, Epsilons = [(distances[40] + distances[41]) / 2], Steps = 100, Objective = objective };
        return AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = [attack] }, null, CancellationToken.None).Attacks[0];
    }

    private sealed class BrokenGradientModel(LinearProblem problem) : HostScoreModel(problem.Data.SampleShape, 16)
    {
        private readonly LinearScoreModel _linear = problem.Model();

        public override float Score(ReadOnlySpan<float> x) => _linear.Score(x) - _linear.Threshold;

        protected override void Gradient(ReadOnlySpan<float> x, float slope, Span<float> gradient)
        {
            gradient.Clear();
            gradient[3] = float.NaN;
        }
    }
}
