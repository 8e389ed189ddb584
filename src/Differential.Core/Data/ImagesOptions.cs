using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

[Description("A folder of images, a folder for each class: path/<class>/* or path/train/<class>/* and path/test/<class>/*; PNG, JPEG, BMP and GIF (docs/data.md).")]
public sealed record ImagesOptions : ClassifiedOptions
{
    internal const int MaxSide = 1024;

    [Description("The folder; relative to the job file.")]
    public required string Path { get; init; }

    [Description("Rows and columns that each image is resized to, [height, width]: by area averaging where it becomes smaller, bilinearly where it becomes larger. By default images keep their size, which must be the same for all.")]
    [MinLength(2)]
    [MaxLength(2)]
    [Range(1, MaxSide)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? Size { get; init; }

    [Description("1 (grey) or 3 (red, green, blue).")]
    [Range(1, 3)]
    public int Channels { get; init; } = 3;

    [Description("The colour that transparent images are laid on.")]
    [RegularExpression("#[0-9a-fA-F]{6}", ErrorMessage = "a colour as \"#rrggbb\"")]
    public string Background { get; init; } = ImageForm.White;

    [Description("Where there is no folder test: the share of each class's images that become test images, drawn by the job's seed; 0.2 by default, 0 for none.")]
    [Range(0.0, 0.9)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TestShare { get; init; }

    [JsonIgnore]
    public override bool IsImages => true;

    [JsonIgnore]
    public override IReadOnlyList<string> PathFields => ["path"];

    internal override DataOptions WithoutTestShare() => this with { TestShare = 0 };

    public override DataOptions MapPaths(Func<string, string, string> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return this with { Path = map($"{Place}.path", Path) };
    }

    public override void Check(InputMistakes mistakes)
    {
        ArgumentNullException.ThrowIfNull(mistakes);
        base.Check(mistakes);
        CheckChannels(Channels, mistakes);
    }

    internal static void CheckChannels(int channels, InputMistakes mistakes)
    {
        if (channels is not (1 or 3))
        {
            mistakes.Add($"{Place}.channels", $"the number {channels}", "1 or 3");
        }
    }

    public override (string Field, Int128 Bytes) LeastMemory() => ("path", 0);

    public override DataSplits Load(PathPolicy paths, long seed, string source = "job")
    {
        ArgumentNullException.ThrowIfNull(paths);
        return new ImageFolder(paths.Resolve(Path, source, $"{Place}.path"), this, source).Load(seed);
    }
}
