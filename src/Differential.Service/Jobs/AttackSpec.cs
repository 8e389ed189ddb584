using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core;
using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Importing;
using Differential.Core.Models;

namespace Differential.Service.Jobs;

[Description("Attacks a trained network.")]
public sealed record AttackSpec : JobSpec
{
    [Description("The network: a model.safetensors, the folder of a training, or an .onnx file of any program; relative to the job file.")]
    [MinLength(1)]
    public required string Model { get; init; }

    [Description("What an ONNX model expects of its inputs, where that is not inside it.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExpectedInput? Input { get; init; }

    [Description("What an ONNX model's outputs are: logits or probabilities. By default a softmax or sigmoid at its end tells; it is taken off, since it hides gradients.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ModelOutput? Output { get; init; }

    [Description("The classes of an ONNX model's scores, in their order; those of the data are picked by name. By default the data's classes in order, and of two scores the positive class's second.")]
    [MinLength(2)]
    [MaxLength(100_000)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClassName>? Scores { get; init; }

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

    internal override DataOptions? Samples => Data;

    public override JobSpec MapPaths(Func<string, string, string> map) => this with
    {
        Model = map("$.model", Model),
        Data = Data.MapAllPaths(map),
    };

    internal override IEnumerable<string> PathFields => Data.AllPathFields.Select(name => $"data.{name}").Append("model");

    public override void Check(InputMistakes mistakes)
    {
        Data.CheckAll(mistakes);
        CheckModel(mistakes);
        BudgetRules.Check(Attacks, Data, mistakes);
    }

    /// <summary>What is said of an ONNX model goes with one.</summary>
    private void CheckModel(InputMistakes mistakes)
    {
        Input?.Check(mistakes, "$.input");
        foreach ((string place, bool isGiven) in ((string, bool)[])[("$.input", Input is not null), ("$.output", Output is not null), ("$.scores", Scores is not null)])
        {
            if (isGiven && !ModelOpener.IsOnnx(Model))
            {
                mistakes.Add(place, $"a field that goes with an ONNX model, on '{Model}'", "a model whose name ends in .onnx, or no such field");
            }
        }
    }
}
