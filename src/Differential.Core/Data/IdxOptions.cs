using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

[Description("A folder with MNIST's four files (train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-…), plain or .gz: images as arrays of bytes of three or four dimensions.")]
public sealed record IdxOptions : RecordOptions
{
    [Description("The folder; relative to the job file.")]
    public required string Path { get; init; }

    [Description("What the dimensions mean where it is not clear: nhw, nhwc or nchw.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ArrayLayout? Layout { get; init; }

    [JsonIgnore]
    public override bool IsImages => true;

    [JsonIgnore]
    public override IReadOnlyList<string> PathFields => ["path"];

    public override DataOptions MapPaths(Func<string, string, string> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return this with { Path = map($"{Place}.path", Path) };
    }

    public override void Check(InputMistakes mistakes)
    {
        base.Check(mistakes);
        if (Layout == ArrayLayout.Nd)
        {
            mistakes.Add($"{Place}.layout", "the layout nd", "nhw, nhwc, nchw");
        }
    }

    public override DataSplits Load(PathPolicy paths, long seed, string source = "job")
    {
        ArgumentNullException.ThrowIfNull(paths);
        var folder = new IdxFolder(paths.Resolve(Path, source, $"{Place}.path"), Layout);
        return Split(folder.Read("train")!, folder.Read("t10k", "test"), seed, source);
    }
}
