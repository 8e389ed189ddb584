using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

[Description("Classes of a folder in CIFAR-10's binary format (data_batch_1.bin … test_batch.bin), full or with fewer records: positive and negative, or classes.")]
public sealed record Cifar10Options : ClassifiedOptions
{
    [Description("The folder; relative to the job file.")]
    public required string Path { get; init; }

    [JsonIgnore]
    public override bool IsImages => true;

    [JsonIgnore]
    public override IReadOnlyList<string> PathFields => ["path"];

    public override DataOptions MapPaths(Func<string, string, string> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return this with { Path = map($"{Place}.path", Path) };
    }

    public override (string Field, Int128 Bytes) LeastMemory() => ("path", 0);

    public override DataSplits Load(PathPolicy paths, long seed, string source = "job")
    {
        ArgumentNullException.ThrowIfNull(paths);
        return new CifarFolder(paths.Resolve(Path, source, $"{Place}.path"), CifarLayout.Ten, source).Load(this);
    }
}
