using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Train;

/// <summary>The <c>report.html</c> of a training.</summary>
internal static class TrainReport
{
    public static void Write(JobContext context, TrainedPart part)
    {
        TrainOutcome outcome = part.Outcome;
        ReportPage page = JobPage.Start(context, "Training").Section(
            null,
            null,
            new FigureRow(
            [
                (Html.Percent(outcome.Test.Accuracy), "test accuracy"),
                (Html.Percent(outcome.Train.Accuracy), "training accuracy"),
                (Html.Figure(outcome.ScoreMargin), $"smallest {outcome.MarginName()}, training"),
                (Html.Figure(outcome.Loss), "last epoch's loss"),
            ]));
        TrainCharts.Curves(page, context, [null]);
        page.Section(
            "Margins",
            $"{outcome.MarginName()} of each sample: right of 0 is decided correctly.",
            TrainCharts.MarginCurve(context, [null], outcome.MarginName()),
            TrainCharts.Margins(part.TestMargins.Count == 0 ? [("training", part.TrainMargins)] : [("training", part.TrainMargins), ("test", part.TestMargins)], outcome.MarginName()));
        JobPage.Finish(page, context);
    }
}
