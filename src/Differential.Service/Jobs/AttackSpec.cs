using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core;
using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Data;

namespace Differential.Service.Jobs;

[Description("Attacks a trained network.")]
public sealed record AttackSpec : JobSpec
{
    [Description("The network: a model.safetensors, or the folder of a training; relative to the job file.")]
    [MinLength(1)]
    public required string Model { get; init; }

    [Description("The samples and their classes.")]
    public required DataOptions Data { get; init; }

    [Description("The attacked samples: \"train\", \"test\" (default) or a list of both.")]
    public SplitSelection Split { get; init; } = SplitSelection.Test;

    [Description("At most so many correctly classified samples of each split are attacked; all by default.")]
    [Range(1, int.MaxValue)]
    public int? Limit { get; init; }

    [Description("The attacks, in this order.")]
    [MinLength(1)]
    [MaxLength(100)]
    public required IReadOnlyList<AttackOptions> Attacks { get; init; }

    [Description("Whether adversarial.safetensors is written.")]
    public bool SaveAdversarial { get; init; }

    [Description("Whether the evaluation itself is checked.")]
    public bool Checks { get; init; }

    [Description("Samples that the checks attack.")]
    [Range(1, 1_000_000)]
    public int CheckSamples { get; init; } = 100;

    [Description("Lower bounds on each attacked sample's distance to the boundary.")]
    public CertifyOptions Certify { get; init; } = new();

    [JsonIgnore]
    public override string Kind => "attack";

    public override JobSpec WithDefaults() => this;

    public override JobSpec MapPaths(Func<string, string, string> map) => this with
    {
        Model = map("$.model", Model),
        Data = Data.MapAllPaths(map),
    };

    internal override IEnumerable<string> PathFields => Data.AllPathFields.Select(name => $"data.{name}").Append("model");

    public override void Check(InputMistakes mistakes)
    {
        Data.CheckAll(mistakes);
        BudgetRules.Check(Attacks, Data, mistakes);
    }
}
