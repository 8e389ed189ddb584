using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core;
using Differential.Core.Data;

namespace Differential.Service.Jobs;

[Description("Compares the margins that linear training reaches with the largest one there is (docs/theory.md).")]
public sealed record TheorySpec : JobSpec
{
    [Description("The points, of kind affine or points; the training points are used.")]
    public required DataOptions Data { get; init; }

    [Description("Iterations of each training.")]
    [Range(1, 10_000_000)]
    public int Iterations { get; init; } = 10_000;

    [JsonIgnore]
    public override string Kind => "theory";

    public override JobSpec WithDefaults() => this;

    internal override DataOptions? Samples => Data;

    public override JobSpec MapPaths(Func<string, string, string> map) => this with { Data = Data.MapAllPaths(map) };

    internal override IEnumerable<string> PathFields => Data.AllPathFields.Select(name => $"data.{name}");

    public override void Check(InputMistakes mistakes)
    {
        ArgumentNullException.ThrowIfNull(mistakes);
        Data.CheckAll(mistakes);
        if (Data.IsImages)
        {
            mistakes.Add($"{DataOptions.Place}.kind", "images in a theory job", "affine, points");
        }

        string? choice = Data.ClassCounts is not null ? "classCounts" : Data.Imbalance is not null ? "imbalance" : Data.Validation is not null ? "validation" : null;
        if (choice is not null)
        {
            mistakes.Add($"{DataOptions.Place}.{choice}", "a choice among the samples in a theory job", "all of them");
        }

        if (Data.ClassCount > 2)
        {
            mistakes.Add($"{DataOptions.Place}.classes", $"{Data.ClassCount} classes in a theory job", "2");
        }
    }
}
