using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

[Description("Arrays of NumPy: an .npz file with x_train, y_train, x_test, y_test (or x, y), a folder with such .npy files, or an .npy file beside one of its labels.")]
public sealed record NumpyOptions : RecordOptions
{
    [Description("The .npz file, the folder of .npy files or the .npy file of the training samples; relative to the job file.")]
    public required string Path { get; init; }

    [Description("The .npy file of the training labels, where path is an .npy file.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LabelsPath { get; init; }

    [Description("The .npy file of the test samples, where path is an .npy file.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TestPath { get; init; }

    [Description("The .npy file of the test labels, where path is an .npy file.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TestLabelsPath { get; init; }

    [Description("What the dimensions mean where it is not clear: nhw, nhwc, nchw, or nd for points.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ArrayLayout? Layout { get; init; }

    /// <summary>What a job is checked by before the files are read: images, unless the layout says points.</summary>
    [JsonIgnore]
    public override bool IsImages => Layout != ArrayLayout.Nd;

    [JsonIgnore]
    public override IReadOnlyList<string> PathFields => ["path", "labelsPath", "testPath", "testLabelsPath"];

    public override DataOptions MapPaths(Func<string, string, string> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return this with
        {
            Path = map($"{Place}.path", Path),
            LabelsPath = LabelsPath is null ? null : map($"{Place}.labelsPath", LabelsPath),
            TestPath = TestPath is null ? null : map($"{Place}.testPath", TestPath),
            TestLabelsPath = TestLabelsPath is null ? null : map($"{Place}.testLabelsPath", TestLabelsPath),
        };
    }

    public override void Check(InputMistakes mistakes)
    {
        ArgumentNullException.ThrowIfNull(mistakes);
        base.Check(mistakes);
        if (TestPath is null != TestLabelsPath is null)
        {
            mistakes.Add($"{Place}.{(TestPath is null ? "testLabelsPath" : "testPath")}", "one of testPath and testLabelsPath alone", "both or neither");
        }

        if (LabelsPath is null && TestPath is not null)
        {
            mistakes.Add($"{Place}.testPath", "test samples without labelsPath", "labelsPath, testPath and testLabelsPath beside an .npy file as path");
        }
    }

    public override DataSplits Load(PathPolicy paths, long seed, string source = "job")
    {
        ArgumentNullException.ThrowIfNull(paths);
        var files = new NumpyFiles(Layout);
        if (LabelsPath is not null)
        {
            RecordSource pair = files.Pair(NumpyFiles.Npy(Resolve("path", Path)), NumpyFiles.Npy(Resolve("labelsPath", LabelsPath)));
            return Split(
                pair,
                TestPath is null ? null : files.Pair(NumpyFiles.Npy(Resolve("testPath", TestPath)), NumpyFiles.Npy(Resolve("testLabelsPath", TestLabelsPath!))),
                seed,
                source);
        }

        (RecordSource train, RecordSource? test) = files.Read(Resolve("path", Path));
        return Split(train, test, seed, source);

        string Resolve(string field, string path) => paths.Resolve(path, source, $"{Place}.{field}");
    }
}
