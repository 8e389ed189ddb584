using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Train;

/// <summary>Trained networks on standard output.</summary>
internal static class TrainTable
{
    public static void Write(IReadOnlyList<(string Name, TrainOutcome Outcome)> models, TextWriter output)
    {
        string margin = models[0].Outcome.MarginName();
        TextTable.Write(
            output,
            ["network", "train accuracy", "test accuracy", $"smallest {margin}", $"median {margin} (test)", "threshold", "images/s"],
            models.Select(m => new[]
            {
                m.Name, TextTable.Share(m.Outcome.Train.Accuracy), TextTable.Share(m.Outcome.Test.Accuracy), TextTable.Figure(m.Outcome.ScoreMargin),
                TextTable.Figure(m.Outcome.Margins.GetValueOrDefault("test")?.P50), m.Outcome.Thresholds is { } own ? string.Join(" / ", own.Select(t => TextTable.Figure(t))) : TextTable.Figure(m.Outcome.Threshold), TextTable.Number(m.Outcome.ImagesPerSecond, "0"),
            }));
    }
}
