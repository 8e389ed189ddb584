using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Attack;

/// <summary>The smallest flips of attacks as pictures: clean, the change made visible, adversarial.</summary>
internal static class ExamplePictures
{
    /// <summary>Flips that are kept of an attack on images.</summary>
    private const int MostOfImages = 3;

    /// <summary>Flips that are kept of an attack on points of two dimensions: their moves are drawn.</summary>
    private const int MostOfPoints = 60;

    /// <summary>Attacks of networks that are pictured.</summary>
    private const int MostGroups = 12;

    /// <summary>Characters of all pictures of a report, about: the first flip of each attack comes first, then the second of each.</summary>
    private const int MostCharacters = 60_000;

    /// <summary>Larger images are shown by the means of their pixels.</summary>
    private const int LargestSide = 64;

    /// <summary>How many of the smallest flips a job keeps of each attack.</summary>
    public static int Count(Dataset data) => data.IsImages ? MostOfImages : data.SampleShape.Length == 2 ? MostOfPoints : 0;

    /// <summary>The pictures of a run.</summary>
    /// <param name="result">Of images.</param>
    /// <param name="data">Its split.</param>
    /// <param name="names">Of the classes; of two the positive one first.</param>
    public static IReadOnlyList<PicturedAttack> Of(SplitAttackResult result, Dataset data, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(data);
        return
        [
            .. result.Attacks.Where(static attack => attack.Examples.Count > 0)
                .Select(attack => new PicturedAttack(attack.Kind, attack.Norm, [.. attack.Examples.Take(MostOfImages).Select(example => Of(example, attack.Norm, result, data, names))])),
        ];
    }

    /// <summary>The smallest flips of each network and attack as pictures, or on the plane.</summary>
    public static void Write(ReportPage page, IReadOnlyList<(string? Name, PartPictures Pictures)> networks, IReadOnlyList<PlaneChart> planes)
    {
        ArgumentNullException.ThrowIfNull(page);
        if (planes.Count > 0)
        {
            page.Section("The plane", null, [.. planes]);
        }

        (string? Name, PicturedAttack Attack)[] groups = [.. networks.SelectMany(static network => network.Pictures.Attacks.Select(attack => (network.Name, attack))).Take(MostGroups)];
        if (groups.Length > 0)
        {
            page.Section(
                "Adversarial examples",
                $"The smallest flips of each attack on {networks[0].Pictures.Split} samples: clean, the change times the factor that is given (grey is no change), adversarial.",
                [.. groups.Zip(Chosen(groups), static (group, examples) => new ExamplesBlock($"{(group.Name is null ? string.Empty : group.Name + ", ")}{group.Attack.Kind}, {group.Attack.Norm.Symbol()}", examples))]);
        }
    }

    private static List<Example>[] Chosen((string? Name, PicturedAttack Attack)[] groups)
    {
        List<Example>[] chosen = [.. groups.Select(static _ => new List<Example>())];
        int characters = 0;
        for (int round = 0; round < MostOfImages; round++)
        {
            for (int i = 0; i < groups.Length; i++)
            {
                if (round < groups[i].Attack.Examples.Count && (round == 0 || characters < MostCharacters))
                {
                    chosen[i].Add(groups[i].Attack.Examples[round]);
                    characters += chosen[i][^1].Pictures.Sum(static picture => picture.Source.Length);
                }
            }
        }

        return chosen;
    }

    private static Example Of(AdversarialExample example, AttackNorm norm, SplitAttackResult result, Dataset data, IReadOnlyList<string> names)
    {
        AttackedSample sample = result.Samples[example.Position];
        var clean = new float[data.SampleShape.Length];
        data.Sample(sample.Index, clean);
        double factor = Factor(example.Distances.Linf);
        float[] change = [.. example.Input.Zip(clean, (after, before) => (float)(0.5 + (factor * (after - before))))];
        string own = names[SplitDecisions.ClassOf(sample.Label, names.Count == 2 ? 1 : names.Count)];

        string sum = norm == AttackNorm.L1 ? $"L1 {Numbers.Figure(example.Distances.L1)} · " : string.Empty;

        // Margins are signed; of two classes people know scores, whose sign is the class.
        double sign = names.Count == 2 ? sample.Label : 1;
        return new Example(
            [Picture(clean, data, $"clean: {own}"), Picture(change, data, $"change times {Numbers.Figure(factor)}, on grey"), Picture([.. example.Input], data, $"adversarial: {names[example.Decided]}")],
            $"{own} → {names[example.Decided]} · {(names.Count == 2 ? "score" : "margin")} {Numbers.Figure(sample.CleanScore)} → {Numbers.Figure(sign * example.Margin)} · {sum}L2 {Numbers.Figure(example.Distances.L2)} · L∞ {Numbers.Figure(255 * example.Distances.Linf)}/255 · change × {Numbers.Figure(factor)} · sample {sample.Index}");
    }

    /// <summary>1, 2 or 5 times a power of ten by which the largest change nearly reaches black or white.</summary>
    internal static double Factor(double largest)
    {
        if (!(largest > 0))
        {
            return 1;
        }

        double most = 0.5 / largest;
        double power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return Math.Max(1, power * ((most / power) switch { >= 5 => 5, >= 2 => 2, _ => 1 }));
    }

    private static Picture Picture(float[] values, Dataset data, string text)
    {
        (int height, int width, int channels) = (data.SampleShape[0], data.SampleShape[1], data.SampleShape[2]);
        int shown = channels == 3 ? 3 : 1;
        int step = (Math.Max(height, width) + LargestSide - 1) / LargestSide;
        (int rows, int columns) = (Math.Max(1, height / step), Math.Max(1, width / step));
        var pixels = new byte[rows * columns * shown];
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                for (int c = 0; c < shown; c++)
                {
                    double sum = 0;
                    for (int i = 0; i < step * step; i++)
                    {
                        sum += values[(((((y * step) + (i / step)) * width) + (x * step) + (i % step)) * channels) + c];
                    }

                    pixels[(((y * columns) + x) * shown) + c] = (byte)Math.Clamp(Math.Round(255 * sum / (step * step)), 0, 255);
                }
            }
        }

        return new Picture(PngImage.DataUri(columns, rows, shown, pixels), text);
    }
}
