using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Checks;

/// <summary>
/// The successes of an attack are successes: each clipped input lies within the bounds and the ball and is decided wrongly in a forward
/// pass of its own. Of images also how many flips are left where a flip counts only if the 8-bit rounded image flips too.
/// </summary>
internal sealed class VerificationCheck : EvaluationCheck
{
    private const double MostLoss = 0.05;

    public override string Name => "verification";

    public override CheckResult Run(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        SplitAttackResult result = subject.Adversarial(subject.Pgd());
        AttackResult outcome = result.Attacks[0];
        int confirmed = Confirmed(subject, result);
        bool holds = confirmed == outcome.FlippedCount;
        string text = $"{confirmed} of {outcome.FlippedCount} flips hold on the clipped input in a forward pass of their own";
        if (!subject.Samples.IsImages)
        {
            return Result(holds, text + ".", ("flipped", outcome.FlippedCount), ("confirmed", confirmed));
        }

        AttackResult rounded = subject.Attack(subject.Pgd() with { Rounded = true });
        int lost = outcome.FlippedCount - rounded.FlippedCount;
        return Result(
            holds && (lost <= subject.Slack || lost <= MostLoss * subject.Samples.Count),
            $"{text}; with flips that must outlast 8-bit rounding {Percent(rounded.FlipRate)} in place of {Percent(outcome.FlipRate)}.",
            ("flipped", outcome.FlippedCount),
            ("confirmed", confirmed),
            ("rounded", rounded.FlippedCount));
    }

    private static int Confirmed(CheckSubject subject, SplitAttackResult result)
    {
        IScoreModel model = subject.Model;
        Dataset data = subject.Samples;
        using Tensor<float> row = model.Device.Allocate(model.SampleShape.Batched(1));
        var clean = new float[model.SampleShape.Length];
        var scores = new float[model.Scores];
        var decision = Decision.By(model.Thresholds);
        int confirmed = 0;
        for (int i = 0; i < result.Attacked; i++)
        {
            if (result.Attacks[0].Adversarial?[i] is not { } found)
            {
                continue;
            }

            AttackedSample sample = result.Samples[i];
            data.Sample(sample.Index, clean);
            row.Write(found);
            model.Forward(row, 1).Read(scores);
            bool flips = Decision.IsFlipped(decision.Row(sample.Label), decision.Margin(scores, sample.Label));
            bool isLevel = sample.CleanScore == 0;
            bool isInside = Array.TrueForAll(found, value => value >= data.Low && value <= data.High);
            bool isNear = FlipDistances.Between(found, clean).In(subject.Options.Norm) <= BudgetBall.Limit(subject.Options.Epsilon);
            confirmed += (flips || isLevel) && isInside && isNear ? 1 : 0;
        }

        return confirmed;
    }
}
