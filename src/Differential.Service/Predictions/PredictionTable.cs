using System.Globalization;
using Differential.Core.Decisions;
using Differential.Service.Reporting;

namespace Differential.Service.Predictions;

/// <summary>
/// A line for each sample: what it is, its class where that is known, the decision, the score minus its threshold (of several scores each), and the certified
/// radius in each norm: empty where none was asked for, <c>none</c> where there is none, <c>inf</c> where no input is decided otherwise.
/// </summary>
/// <param name="samples">The samples.</param>
/// <param name="scores">[samples, scores], before the thresholds.</param>
/// <param name="thresholds">One for each score.</param>
/// <param name="radii">Of each sample, by norm; null for none.</param>
internal sealed class PredictionTable(
    PredictedSamples samples, float[] scores, IReadOnlyList<float> thresholds, IReadOnlyDictionary<AttackNorm, double?[]>? radii)
{
    private int Scores => thresholds.Count;

    /// <summary>+1 or −1, of several scores the class, as the model decides a sample.</summary>
    public static int Decide(ReadOnlySpan<float> scores, IReadOnlyList<float> thresholds)
    {
        if (thresholds.Count == 1)
        {
            return scores[0] > thresholds[0] ? 1 : -1;
        }

        int best = 0;
        for (int k = 1; k < thresholds.Count; k++)
        {
            best = scores[k] - thresholds[k] > scores[best] - thresholds[best] ? k : best;
        }

        return best;
    }

    /// <summary>Comma-separated values on the writer, numbers to the last bit of float32.</summary>
    public void WriteCsv(TextWriter output)
    {
        output.WriteLine(string.Join(',', Heading().Select(Quoted)));
        for (int i = 0; i < samples.Data.Count; i++)
        {
            output.WriteLine(string.Join(',', Row(i, static value => value.ToString("R", CultureInfo.InvariantCulture), static radius => radius.ToString("R", CultureInfo.InvariantCulture)).Select(Quoted)));
        }
    }

    public void WriteText(TextWriter output)
    {
        TextTable.Write(output, Heading(), Enumerable.Range(0, samples.Data.Count).Select(i => Row(i, static value => Numbers.Figure(value), static radius => Numbers.Figure(radius))), ["class"]);
        int known = samples.Classes.Count(static name => name is not null);
        if (known > 0)
        {
            int right = Enumerable.Range(0, samples.Data.Count).Count(i => samples.Classes[i] is { } name && name == Decision(i));
            output.WriteLine();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{right} of {known} samples whose class is known are decided rightly ({Numbers.Share((double)right / known)})"));
        }
    }

    private string[] Heading() =>
    [
        "sample", "class", "decision",
        .. Scores == 1 ? (string[])["score"] : [.. samples.Names.Select(static name => $"score.{name}")],
        "certified.l2", "certified.linf",
    ];

    private string[] Row(int i, Func<float, string> number, Func<double, string> distance) =>
    [
        samples.Sources[i], samples.Classes[i] ?? string.Empty, Decision(i),
        .. Enumerable.Range(0, Scores).Select(k => number(scores[(i * Scores) + k] - thresholds[k])),
        Radius(i, AttackNorm.L2, distance), Radius(i, AttackNorm.Linf, distance),
    ];

    private string Decision(int i)
    {
        int label = Decide(scores.AsSpan(i * Scores, Scores), thresholds);
        return Scores == 1 ? samples.Names[label > 0 ? 0 : 1] : samples.Names[label];
    }

    private string Radius(int i, AttackNorm norm, Func<double, string> distance) => radii?[norm][i] switch
    {
        null => string.Empty,
        double.NaN => "none",
        double.PositiveInfinity => "inf",
        double radius => distance(radius),
    };

    private static string Quoted(string field) => field.AsSpan().IndexOfAny(",\"\n\r") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
