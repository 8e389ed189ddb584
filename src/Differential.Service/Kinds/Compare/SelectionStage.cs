using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Compare;

/// <summary>Measures the networks that a selection is made of, on the held-out and on the test samples. Kept in the checkpoint once done.</summary>
internal sealed class SelectionStage(JobContext context, CompareSpec spec, SelectOptions select, DataSplits data)
{
    /// <summary>Correctly decided samples of a split that are attacked at most.</summary>
    private const int MostAttacked = 200;

    private const int Steps = 20;

    private const string Stage = "measured";

    /// <summary>The figures of one network.</summary>
    /// <param name="run">Its training.</param>
    /// <param name="attacked">The network.</param>
    /// <param name="checkpoint">Where the figures are kept.</param>
    public CandidateRun Measure(CompareRun run, AttackedNetwork attacked, string checkpoint)
    {
        var cache = new StageCache(checkpoint);
        if (cache.Read<CandidateRun>(Stage, attacked.Key) is { } finished)
        {
            return finished;
        }

        Network network = attacked.Network;
        LipschitzCertificate? certificate = Certificate(network);
        bool attacks = select.Figure == SelectFigure.RobustAccuracy;
        var measured = new CandidateRun(run.Label, run.Seed, Figures(network, data.Validation!, certificate, attacks), Figures(network, data.Test, certificate, attacks: true));
        cache.Write(Stage, attacked.Key, measured);
        context.Observer.Message($"{run.Label}: {CandidateText.Of(run.Training.Loss)}; {FiguresText(measured.Validation)} on held-out samples");
        return measured;
    }

    private string FiguresText(FrontierFigures figures) =>
        $"{Reporting.Html.Percent(figures.Accuracy)} right, {CandidateText.NameOf(select.Figure)} {Reporting.Html.Percent(figures.Of(select.Figure))}";

    private static LipschitzCertificate? Certificate(Network network)
    {
        try
        {
            return new LipschitzCertificate(network);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private FrontierFigures Figures(Network network, Dataset samples, LipschitzCertificate? certificate, bool attacks)
    {
        var decision = Decision.By(network.Thresholds);
        float[] scores = ScoreEvaluator.Scores(network, samples);
        sbyte[] labels = [.. samples.Labels];
        SplitAttackResult? flips = attacks ? Attack(network, samples) : null;
        double accuracy = decision.Accuracy(scores, labels);
        return new FrontierFigures
        {
            Count = samples.Count,
            Accuracy = accuracy,
            BalancedAccuracy = ThresholdGoal.BalancedAccuracy.Of(decision, scores, labels),
            CertifiedAccuracy = certificate is null ? null : Certified(certificate, decision, scores, labels),
            RobustAccuracy = flips is { Attacked: > 0 } ? accuracy * (1 - flips.Attacks[0].FlipRate) : flips is null ? null : 0,
            Attacked = flips?.Attacked ?? 0,
        };
    }

    private double Certified(LipschitzCertificate certificate, Decision decision, float[] scores, sbyte[] labels)
    {
        int certified = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<float> own = scores.AsSpan(i * decision.Scores, decision.Scores);
            certified += certificate.MarginOverConstant(decision, own, labels[i], select.At.Norm) >= select.At.Epsilon ? 1 : 0;
        }

        return certified / (double)labels.Length;
    }

    private SplitAttackResult Attack(Network network, Dataset samples)
    {
        var options = new AttackRunOptions
        {
            Attacks = [new PgdOptions { Norm = select.At.Norm, Epsilons = [select.At.Epsilon], Steps = Steps }],
            Limit = Math.Min(spec.Limit ?? MostAttacked, MostAttacked),
            Seed = spec.Seed,
        };
        using NetworkPlan plan = network.Plan(AttackStage.BatchFor(context, network, samples, options), PlanPurpose.Attack);
        return AttackRunner.Run(plan, samples, options, null, context.Cancellation);
    }
}
