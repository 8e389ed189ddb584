using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

[Description("Classes of a folder in CIFAR-100's binary format (train.bin, test.bin), full or with fewer records.")]
public sealed record Cifar100Options : ClassifiedOptions
{
    [Description("The folder; relative to the job file.")]
    public required string Path { get; init; }

    [Description("Which labels tell the classes: fine (100 of them) or coarse (20).")]
    public CifarLabels Labels { get; init; }

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
        return new CifarFolder(paths.Resolve(Path, source, $"{Place}.path"), CifarLayout.Hundred(Labels), source).Load(this);
    }
}

/// <summary>The labels of CIFAR-100.</summary>
public enum CifarLabels
{
    /// <summary>100 classes.</summary>
    Fine,

    /// <summary>20 classes of five fine ones each.</summary>
    Coarse,
}
