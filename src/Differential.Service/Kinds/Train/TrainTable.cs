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
            }),
            ["images/s", "threshold", $"median {margin} (test)", $"smallest {margin}", "train accuracy"]);
        WriteClasses(models, output);
        WriteTheorem(models, output);
    }

    /// <summary>What accuracy hides where the classes are of different sizes.</summary>
    private static void WriteClasses(IReadOnlyList<(string Name, TrainOutcome Outcome)> models, TextWriter output)
    {
        (string Name, string Split, SplitAccuracy Figures)[] rows =
            [.. models.SelectMany(m => ((string, string, SplitAccuracy)[])[(m.Name, "train", m.Outcome.Train), (m.Name, "test", m.Outcome.Test)]).Where(static row => row.Item3.PerClass is not null)];
        if (!Array.Exists(rows, static row => row.Figures.IsUneven))
        {
            return;
        }

        output.WriteLine();
        TextTable.Write(
            output,
            ["network", "samples", "balanced accuracy", "AUC", .. rows[0].Figures.PerClass!.Select(static row => row.Class), "false positives"],
            rows.Select(row => (string[])
            [
                row.Name, row.Split, Numbers.Share(row.Figures.BalancedAccuracy), Numbers.Figure(row.Figures.Auc), .. row.Figures.PerClass!.Select(static of => Numbers.Share(of.Accuracy)),
                Numbers.Share(row.Figures.FalsePositiveRate),
            ]),
            ["AUC", "samples"]);
    }

    /// <summary>Whether the theorem matters to the networks; nothing where that is known of none.</summary>
    private static void WriteTheorem(IReadOnlyList<(string Name, TrainOutcome Outcome)> models, TextWriter output)
    {
        if (models.All(static m => m.Outcome.Theorem is null))
        {
            return;
        }

        output.WriteLine();
        TextTable.Write(
            output,
            ["features of", "largest margin γ", "(mean·u)/γ", "limit of ‖w‖²+b²", "trained layer"],
            models.Where(static m => m.Outcome.Theorem is not null).Select(static m => new[]
            {
                m.Name, Numbers.Figure(m.Outcome.Theorem!.Gamma), Numbers.Figure(m.Outcome.Theorem.MeanShare),
                $"{Numbers.Share(m.Outcome.Theorem.LimitShare)} of γ", $"{Numbers.Share(m.Outcome.Theorem.TrainedShare)} of γ",
            }),
            ["(mean·u)/γ", "largest margin γ"]);
    }
}
