
using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Checks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Tests.Attacks;

namespace Differential.Core.Tests.Checks;

/// <summary>Each check passes on an honest linear model and warns of a model, or of results, made to fail it.</summary>
public sealed class EvaluationCheckTests
{
    private const double Pixel = 1.0 / 255;

    public static TheoryData<string> Names => [.. EvaluationChecks.All.Select(check => check.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Check_HonestModel_Passes(string name)
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        using LinearScoreModel model = problem.Model();

        CheckResult result = Run(name, problem, model, 4 * Pixel);

        Assert.True(result.Status == CheckStatus.Passed, result.Text);
        Assert.NotEmpty(result.Figures);
    }

    [Fact]
    public void Iterative_GradientRightAtTheSamplesAlone_Warns() =>
        AssertWarns("iterative", problem => new DeceivingScoreModel(problem, x => Array.TrueForAll(x, v => Math.Abs((v * 255) - MathF.Round(v * 255)) < 1e-3f) ? 1 : -1), 4 * Pixel);

    [Fact]
    public void Budgets_GradientAwayFarFromTheSamples_Warns() =>
        AssertWarns("budgets", problem => new DeceivingScoreModel(problem, x => DistanceToSamples(problem, x) > 5 * Pixel ? -1 : 1), 4 * Pixel);

    [Fact]
    public void LargeBudget_NoDecisionFarFromTheSamples_Warns() =>
        AssertWarns("largeBudget", problem => new DeceivingScoreModel(problem, _ => 1, x => DistanceToSamples(problem, x) > 0.1 ? float.NaN : 1), 4 * Pixel);

    [Fact]
    public void Steps_FlipsInANarrowWindow_Warns() => AssertWarns("steps", problem => new WindowScoreModel(problem, 0.04f), 12 * Pixel);

    [Fact]
    public void Objective_SaturatedScores_Warns() => AssertWarns("objective", problem => problem.Model(scale: 100), 4 * Pixel);

    [Fact]
    public void GradientFree_GradientAway_Warns() => AssertWarns("gradientFree", problem => new DeceivingScoreModel(problem, _ => -1), 4 * Pixel);

    [Fact]
    public void Noise_GradientAway_Warns() => AssertWarns("noise", problem => new DeceivingScoreModel(problem, _ => -1), 8 * Pixel);

    /// <summary>A sample in one dimension, at a share d of the budget from the boundary, is flipped by a draw with probability (1 − d)/2: by ten with 65 % or 14 %.</summary>
    [Theory]
    [InlineData(0.8, 0.5, 0.8, CheckStatus.Warned)]
    [InlineData(0.97, 0.02, 0.3, CheckStatus.Passed)]
    public void Noise_MoreOrLessThanHalfOfPgdsFlips_IsWhatDecides(double distance, double least, double most, CheckStatus expected)
    {
        sbyte[] labels = [.. Enumerable.Range(0, 100).Select(i => (sbyte)(i % 2 == 0 ? 1 : -1))];
        Dataset data = Dataset.OfPoints(1, labels, [.. labels.Select(label => (float)label)]);
        using var model = new LinearScoreModel(data.SampleShape, [1f], 0, 16, 1, 1);
        AttackOptions[] attacks = [new PgdOptions { Epsilons = [1 / distance], Steps = 10 }];
        SplitAttackResult run = AttackRunner.Run(model, data, new AttackRunOptions { Attacks = attacks }, null, CancellationToken.None);

        CheckResult result = new NoiseCheck().Run(new CheckSubject(model, data, run, new CheckOptions { Norm = AttackNorm.Linf, Epsilon = 1 / distance }, CancellationToken.None));

        Assert.Equal((expected, 1.0), (result.Status, result.Figures["pgd"]));
        Assert.InRange(result.Figures["noise"]!.Value, least, most);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(float.NaN)]
    public void Gradients_ZeroOrNotFinite_Warns(float factor) => AssertWarns("gradients", problem => new DeceivingScoreModel(problem, _ => factor), 4 * Pixel);

    [Fact]
    public void Verification_BudgetBelowHalfAPixelStep_WarnsOfRounding() => AssertWarns("verification", problem => problem.Model(), 0.45 * Pixel);

    [Fact]
    public void ScoreScaling_ScoresNearSaturation_Warns()
    {
        CheckResult result = AssertWarns("scoreScaling", problem => problem.Model(scale: 20), 6 * Pixel);

        Assert.Equal(result.Figures["margin"], result.Figures["margin×100"]);
        Assert.True(result.Figures["crossEntropy×100"] < result.Figures["crossEntropy×1"]);
    }

    [Fact]
    public void Bracket_CertifiedAboveFound_Warns() =>
        AssertWarns("bracket", problem => problem.Model(), 4 * Pixel, new MarginBracket(AttackNorm.L2, [0.1, 0.2, null], [0.3, 0.1, 0.2]));

    [Fact]
    public void Options_OfARun_TakeTheBudgetNearestToOneHalf()
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        using LinearScoreModel model = problem.Model();
        AttackOptions[] attacks = [new FgsmOptions { Epsilons = [4 * Pixel] }, new PgdOptions { Epsilons = [0.5 * Pixel, 3 * Pixel, 30 * Pixel], Steps = 15 }];
        SplitAttackResult run = AttackRunner.Run(model, problem.Data, new AttackRunOptions { Attacks = attacks }, null, CancellationToken.None);

        CheckOptions options = Assert.IsType<CheckOptions>(CheckOptions.From(run, attacks));

        Assert.Equal((AttackNorm.Linf, 3 * Pixel, 15), (options.Norm, options.Epsilon, options.Steps));
    }

    [Theory]
    [InlineData(AttackNorm.L2, 2)]
    [InlineData(AttackNorm.L2, 40)]
    [InlineData(AttackNorm.Linf, 2)]
    [InlineData(AttackNorm.Linf, 40)]
    public void Iterative_AllSamplesAtTheDistanceThatWasFound_Passes(AttackNorm norm, int dimension)
    {
        const int count = 60;
        float[] weight = [.. Enumerable.Range(0, dimension).Select(i => 0.3f + (0.7f * i / dimension))];
        sbyte[] labels = [.. Enumerable.Range(0, count).Select(i => (sbyte)(i % 2 == 0 ? 1 : -1))];
        Dataset data = Dataset.OfPoints(dimension, labels, [.. labels.SelectMany(label => Enumerable.Repeat((float)label, dimension))]);
        using var model = new LinearScoreModel(data.SampleShape, weight, 0, 16, 1, 1);
        AttackOptions[] attacks = [new DeepFoolOptions { Norm = norm }];
        SplitAttackResult run = AttackRunner.Run(model, data, new AttackRunOptions { Attacks = attacks }, null, CancellationToken.None);

        var subject = new CheckSubject(model, data, run, Assert.IsType<CheckOptions>(CheckOptions.From(run, attacks)), CancellationToken.None);
        CheckResult result = new IterativeCheck().Run(subject);

        Assert.True(result.Status == CheckStatus.Passed, result.Text);
    }

    private static CheckResult AssertWarns(string name, Func<LinearProblem, HostScoreModel> create, double epsilon, params MarginBracket[] brackets)
    {
        LinearProblem problem = LinearProblem.InsideTheBox();
        using HostScoreModel model = create(problem);
        CheckResult result = Run(name, problem, model, epsilon, brackets);
        Assert.True(result.Status == CheckStatus.Warned, result.Text);
        return result;
    }

    private static CheckResult Run(string name, LinearProblem problem, HostScoreModel model, double epsilon, params MarginBracket[] brackets)
    {
        SplitAttackResult run = AttackRunner.Run(
            model, problem.Data, new AttackRunOptions { Attacks = [new PgdOptions { Epsilons = [epsilon], Steps = 10 }] }, null, CancellationToken.None);
        var subject = new CheckSubject(model, problem.Data, run, new CheckOptions { Norm = AttackNorm.Linf, Epsilon = epsilon }, CancellationToken.None) { Brackets = brackets };
        return EvaluationChecks.All.Single(check => check.Name == name).Run(subject);
    }

    private static double DistanceToSamples(LinearProblem problem, float[] x) =>
        Enumerable.Range(0, problem.Data.Count).Min(i => problem.Sample(i).Zip(x, (a, b) => Math.Abs((double)a - b)).Max());
}
