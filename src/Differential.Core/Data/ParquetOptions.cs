using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

[Description("Parquet files: image sets as Hugging Face stores them (columns image.bytes and label), or numeric columns (label, features).")]
public sealed record ParquetOptions : RecordOptions
{
    private const int MaxFeatures = 10_000;

    [Description("A file, or a folder: of its .parquet files those named test* are the test records, all others but validation* the training records. Relative to the job file.")]
    public required string Path { get; init; }

    [Description("A file of test records, or a folder of such.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TestPath { get; init; }

    [Description("The column of the labels: whole numbers or texts.")]
    public string Label { get; init; } = "label";

    [Description("The column of the images: image files, or a structure whose field bytes holds them.")]
    public string Image { get; init; } = "image";

    [Description("The numeric columns that make a point, in this order; a column of lists stands for all their values. By default the samples are images.")]
    [MinLength(1)]
    [MaxLength(MaxFeatures)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Features { get; init; }

    [Description("Rows and columns that each image is resized to, [height, width], as in images.")]
    [MinLength(2)]
    [MaxLength(2)]
    [Range(1, ImagesOptions.MaxSide)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? Size { get; init; }

    [Description("1 (grey) or 3 (red, green, blue).")]
    [Range(1, 3)]
    public int Channels { get; init; } = 3;

    [Description("The colour that transparent images are laid on.")]
    [RegularExpression("#[0-9a-fA-F]{6}", ErrorMessage = "a colour as \"#rrggbb\"")]
    public string Background { get; init; } = ImageForm.White;

    [JsonIgnore]
    public override bool IsImages => Features is null;

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

    public override void Check(InputMistakes mistakes)
    {
        ArgumentNullException.ThrowIfNull(mistakes);
        base.Check(mistakes);
        ImagesOptions.CheckChannels(Channels, mistakes);
    }

    public override DataSplits Load(PathPolicy paths, long seed, string source = "job")
    {
        ArgumentNullException.ThrowIfNull(paths);
        string path = paths.Resolve(Path, source, $"{Place}.path");
        string? testPath = TestPath is null ? null : paths.Resolve(TestPath, source, $"{Place}.testPath");
        (IReadOnlyList<string> train, IReadOnlyList<string> test) = ParquetFiles.Find(path, testPath);
        var form = new ImageForm(Size, Channels, Background);
        return Split(new ParquetFiles(train, this, form).Read(), test.Count == 0 ? null : new ParquetFiles(test, this, form).Read(), seed, source);
    }
}
