using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

[Description("Classes of a folder in CIFAR-10's binary format (data_batch_1.bin … test_batch.bin), full or with fewer records: positive and negative, or classes.")]
public sealed record Cifar10Options : DataOptions
{
    [Description("The folder; relative to the job file.")]
    public required string Path { get; init; }

    [Description("The class of label +1: its name (airplane, …) or its number (0 to 9).")]
    [JsonConverter(typeof(ClassNameConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Positive { get; init; }

    [Description("The class of label −1: its name or its number.")]
    [JsonConverter(typeof(ClassNameConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Negative { get; init; }

    [Description("The classes by name or number, in place of positive and negative, which are the first and the second of two.")]
    [MinLength(2)]
    [MaxLength(10)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClassName>? Classes { get; init; }

    [Description("At most so many training images, of all classes together; the first in the files' order, balanced over the classes.")]
    [Range(2, int.MaxValue)]
    public int? TrainLimit { get; init; }

    [Description("At most so many test images.")]
    [Range(2, int.MaxValue)]
    public int? TestLimit { get; init; }

    [JsonIgnore]
    public override int ClassCount => Classes?.Count ?? 2;

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
        ArgumentNullException.ThrowIfNull(mistakes);
        if (Classes is null)
        {
            CheckPair(mistakes);
            return;
        }

        if (Positive is not null || Negative is not null)
        {
            mistakes.Add($"{Place}.classes", "classes beside positive or negative", "positive and negative, or classes");
        }

        HashSet<string> seen = [];
        for (int i = 0; i < Classes.Count; i++)
        {
            if (!seen.Add(Classes[i].Text.ToUpperInvariant()))
            {
                mistakes.Add($"{Place}.classes[{i}]", "a class that is already in the list", "each class once");
            }
        }

        foreach ((string field, int? limit) in ((string, int?)[])[("trainLimit", TrainLimit), ("testLimit", TestLimit)])
        {
            if (limit < Classes.Count)
            {
                mistakes.Add($"{Place}.{field}", $"the number {limit}", $"a whole number of at least {Classes.Count}, one for each class");
            }
        }
    }

    public override (string Field, Int128 Bytes) LeastMemory() => ("path", 0);

    public override DataSplits Load(PathPolicy paths, long seed, string source = "job")
    {
        ArgumentNullException.ThrowIfNull(paths);
        return new Cifar10Folder(paths.Resolve(Path, source, $"{Place}.path"), source).Load(this);
    }

    private void CheckPair(InputMistakes mistakes)
    {
        if (Positive is null || Negative is null)
        {
            mistakes.Add(Place, $"the field '{(Positive is null ? "positive" : "negative")}' is missing", "positive and negative, or classes");
        }
        else if (string.Equals(Positive, Negative, StringComparison.OrdinalIgnoreCase))
        {
            mistakes.Add($"{Place}.negative", "the same class as positive", "another class");
        }
    }
}
