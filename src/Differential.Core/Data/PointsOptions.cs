using System.ComponentModel.DataAnnotations;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

[Description("Points of a CSV file without a header: the label (+1 or −1; of three classes or more the class's number from 0), then the features.")]
public sealed record PointsOptions : DataOptions
{
    [Description("The training file; relative to the job file.")]
    public required string Path { get; init; }

    [Description("The test file; without it a training gives no test accuracy, and the test split of attacks is the training points.")]
    public string? TestPath { get; init; }

    [Description("How many classes; 2 by default.")]
    [Range(2, MaxClasses)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Classes { get; init; }

    [JsonIgnore]
    public override int ClassCount => Classes ?? 2;

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
        Dataset train = PointsFile.Read(paths.Resolve(Path, source, $"{Place}.path"), null, ClassCount);
        Dataset test = TestPath is null
            ? train
            : PointsFile.Read(paths.Resolve(TestPath, source, $"{Place}.testPath"), train.SampleShape.Length, ClassCount);
        return ClassCount == 2
            ? new DataSplits(train, test, "+1", "-1")
            : new DataSplits(train, test, [.. Enumerable.Range(0, ClassCount).Select(number => number.ToString(CultureInfo.InvariantCulture))]);
    }

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
