using Differential.Core;
using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Importing;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Attack;

/// <summary>An attack job on a model with operators that are none of this program's layers: ONNX Runtime computes it, and attacks that need scores or decisions alone work.</summary>
/// <param name="spec">The job.</param>
/// <param name="file">The job file, for messages.</param>
/// <param name="data">The samples.</param>
/// <param name="reason">The operator.</param>
internal sealed class RuntimeAttack(AttackSpec spec, string file, DataSplits data, UnsupportedOperatorException reason) : IPreparedJob
{
    private const int MostSamples = 64;

    private readonly ImportOptions _options = JobInputs.Import(spec, data, file) with { Sample = data.Test.SampleShape };

    private string Note => $"ONNX Runtime computes the model: {reason.Operation} (node {reason.Node}) is none of this program's layers. There are no gradients and no certificates.";

    /// <summary>Refuses what needs gradients, and a model whose samples or classes are not the data's.</summary>
    /// <exception cref="InputException">There is something of the kind.</exception>
    public RuntimeAttack Checked()
    {
        for (int i = 0; i < spec.Attacks.Count; i++)
        {
            if (spec.Attacks[i] is not (SquareOptions or HopSkipJumpOptions))
            {
                throw new InputException(
                    file, $"$.attacks[{i}]", $"{spec.Attacks[i].Name}, which needs gradients, on a model with the operator {reason.Operation} (node {reason.Node})", "allowed: square, hopSkipJump");
            }
        }

        if (spec.Checks)
        {
            throw new InputException(file, "$.checks", $"checks, which need gradients, on a model with the operator {reason.Operation} (node {reason.Node})", "allowed: false");
        }

        using RuntimeModel model = Open(1);
        if (!model.SampleShape.Equals(data.Test.SampleShape))
        {
            throw new InputException(file, "$.data", $"samples of shape {data.Test.SampleShape}", $"allowed: {model.SampleShape}, which the model takes");
        }

        return model.Scores == data.Test.Scores
            ? this
            : throw new InputException(file, "$.data", $"the classes {string.Join(", ", data.Names)}", $"allowed: {Math.Max(model.Scores, 2)} classes, which the model has");
    }

    public JobOutcome Run(JobContext context)
    {
        context.Tell(data);
        context.Observer.Warning(Note);
        var results = new List<(string Split, SplitAttackResult Result)>();
        using (RuntimeModel model = Open(context.Device is SimdDevice simd ? simd.Threads : 0))
        {
            var options = new AttackRunOptions { Attacks = spec.Attacks, Limit = spec.Limit, Seed = spec.Seed, KeepAdversarial = spec.SaveAdversarial, Examples = ExamplePictures.Count(data.Train) };
            foreach (string split in spec.Split.Names)
            {
                results.Add((split, Attack(context, model, split, options)));
            }
        }

        return AttackFiles.Write(context, spec, data, results, new EvaluatedPart { Brackets = results.ToDictionary(static r => r.Split, r => Brackets(r.Result)), Checks = [] }, [Note]);
    }

    private SplitAttackResult Attack(JobContext context, RuntimeModel model, string split, AttackRunOptions options)
    {
        try
        {
            return AttackRunner.Run(model, split == "train" ? data.Train : data.Test, options, new StageObserver(context.Observer, null, split), context.Cancellation);
        }
        catch (ScoresNotFiniteException exception)
        {
            throw new InputException(file, "$.model", exception.Found, ScoresNotFiniteException.Allowed);
        }
    }

    private IReadOnlyList<MarginBracket> Brackets(SplitAttackResult result) =>
    [
        .. result.Norms.Select(norm => new MarginBracket(norm, new double?[result.Attacked], MarginBracket.FoundBy(result, norm))
        {
            NoCertificate = spec.Certify.Methods.Count == 0 ? null : $"{reason.Operation} (node {reason.Node}) has no bounds",
        }),
    ];

    private RuntimeModel Open(int threads)
    {
        try
        {
            int batch = Math.Min(MostSamples, ScoreEvaluator.DefaultBatch);
            return new RuntimeModel(ScoredGraph.Of(spec.Model, _options), _options, batch, threads);
        }
        catch (InputException exception) when (exception.File == "model")
        {
            throw new InputException(file, $"$.{exception.Place}", exception.Found, $"allowed: {exception.Allowed}");
        }
    }
}
