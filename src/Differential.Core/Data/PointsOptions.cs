using System.ComponentModel.DataAnnotations;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

[Description("Points of a text file: the label (+1 and −1, or 1 and 0; of three classes or more the class's number from 0), then the features, separated by commas, semicolons or tabs; with or without a header (docs/data.md).")]
public sealed record PointsOptions : DataOptions
{
    [Description("The training file; relative to the job file.")]
    public required string Path { get; init; }

    [Description("The test file; without it a training gives no test accuracy, and the test split of attacks is the training points.")]
    public string? TestPath { get; init; }

    [Description("How many classes, labelled from 0, or a list of labels; points of other labels are left out then. 2 by default.")]
    [Range(2, MaxClasses)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PointClasses? Classes { get; init; }

    [Description("The label of the class +1 where the labels are others than +1 and −1, or 1 and 0. Points of other labels than this and negative are left out.")]
    [JsonConverter(typeof(ClassNameConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Positive { get; init; }

    [Description("The label of the class −1.")]
    [JsonConverter(typeof(ClassNameConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Negative { get; init; }

    [Description("A box that attacks stay in, [low, high]; every value must lie in it. None by default.")]
    [MinLength(2)]
    [MaxLength(2)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Bounds { get; init; }

    internal override (double Low, double High)? Box => Bounds is [var low, var high] ? (low, high) : null;

    [JsonIgnore]
    public override int ClassCount => Classes?.Count ?? 2;

    [JsonIgnore]
    public override bool IsImages => false;

    [JsonIgnore]
    public override IReadOnlyList<string> PathFields => ["path", "testPath"];

    public override DataOptions MapPaths(Func<string, string, string> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return this with
        {
            Path = map($"{Place}.path", Path),
            TestPath = TestPath is null ? null : map($"{Place}.testPath", TestPath),
        };
    }

    public override (string Field, Int128 Bytes) LeastMemory() => ("path", LengthOf(Path) + LengthOf(TestPath));

    public override DataSplits Load(PathPolicy paths, long seed, string source = "job")
    {
        ArgumentNullException.ThrowIfNull(paths);
        PointConvention? convention = null;
        Dataset train = PointsFile.Read(paths.Resolve(Path, source, $"{Place}.path"), this, null, ref convention);
        Dataset test = TestPath is null
            ? train
            : PointsFile.Read(paths.Resolve(TestPath, source, $"{Place}.testPath"), this, train.SampleShape.Length, ref convention);
        return Wanted() is { } names ? new DataSplits(train, test, names)
            : ClassCount == 2 ? new DataSplits(train, test, PointLabels.Shown("1", convention), convention == PointConvention.Bits ? "0" : "-1")
            : new DataSplits(train, test, [.. Enumerable.Range(0, ClassCount).Select(number => number.ToString(CultureInfo.InvariantCulture))]);
    }

    public override void Check(InputMistakes mistakes)
    {
        ArgumentNullException.ThrowIfNull(mistakes);
        if (Positive is null != Negative is null)
        {
            mistakes.Add(Place, $"the field '{(Positive is null ? "positive" : "negative")}' is missing", "both or neither");
        }
        else if (Positive is not null && Classes is not null)
        {
            mistakes.Add($"{Place}.classes", "classes beside positive or negative", "positive and negative, or classes");
        }

        string[] names = Wanted() ?? [];
        if (names.Distinct(StringComparer.Ordinal).Count() < names.Length)
        {
            mistakes.Add($"{Place}.{(Positive is null ? "classes" : "negative")}", "a label that is already named", "each label once");
        }

        PointBounds.Check(Bounds, images: false, mistakes);
    }

    /// <summary>The labels that are taken, in one form; null where the job names none.</summary>
    internal string[]? Wanted() => Classes?.Names is { } listed ? [.. listed.Select(name => Normal(name.Text))]
        : Positive is not null && Negative is not null ? [Normal(Positive), Normal(Negative)]
        : null;

    private static string Normal(string label) => double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
        ? (value == 0 ? 0 : value).ToString("R", CultureInfo.InvariantCulture)
        : label;

    private static long LengthOf(string? path)
    {
        try
        {
            return path is null ? 0 : new FileInfo(path).Length;
        }
        catch (IOException)
        {
            // The loader says what is wrong with the file.
            return 0;
        }
    }
}
