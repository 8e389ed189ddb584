using Differential.Service.Kinds.Attack;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Train;

/// <summary>The <c>report.html</c> of a training.</summary>
internal static class TrainReport
{
    /// <param name="context">The job.</param>
    /// <param name="part">The network.</param>
    /// <param name="plane">Of points of two dimensions what the network decides over the plane; null for others.</param>
    public static void Write(JobContext context, TrainedPart part, PlaneChart? plane)
    {
        TrainOutcome outcome = part.Outcome;
        ReportPage page = JobPage.Start(context, "Training", [Verdict(outcome)], []);
        page.Section(null, null, TrainCharts.Networks([("network", outcome)]));
        if (plane is not null)
        {
            page.Section("The plane", null, plane);
        }

        TrainCharts.Curves(page, context, [new ChartedNetwork(null, [null])]);
        AttackReport.Classes(page, [("training", outcome.Train), ("test", outcome.Test)]);
        TrainCharts.Theorem(page, [("network", outcome)]);
        page.Section(
            "Margins",
            $"{outcome.MarginName()} of each sample: right of 0 is decided correctly.",
            TrainCharts.MarginCurve(context, [new ChartedNetwork(null, [null])], outcome.MarginName()),
            TrainCharts.Margins(part.TestMargins.Count == 0 ? [("training", part.TrainMargins)] : [("training", part.TrainMargins), ("test", part.TestMargins)], outcome.MarginName()));
        JobPage.Finish(page, context);
    }

    private static string Verdict(TrainOutcome outcome) => outcome.Test.AccuracyInterval is { } interval
        ? $"The network decides {Numbers.Share(outcome.Test.Accuracy)} of {Numbers.Count(outcome.Test.Count)} test samples correctly (95 %: {Numbers.Shares(interval)}), of the training samples {Numbers.Share(outcome.Train.Accuracy)}. Nothing was attacked: this says nothing of how easily it is fooled."
        : $"The network decides {Numbers.Share(outcome.Train.Accuracy)} of the training samples correctly. The data have no test samples: nothing is known of others.";
}
