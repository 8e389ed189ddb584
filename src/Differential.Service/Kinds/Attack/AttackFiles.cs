using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Files;
using Differential.Service.Jobs;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Attack;

/// <summary>What an attack job leaves in its folder beside result.json.</summary>
internal static class AttackFiles
{
    /// <summary>Writes <c>samples.csv</c>, <c>adversarial.safetensors</c> where it is asked for, and <c>report.html</c>.</summary>
    /// <param name="context">The job.</param>
    /// <param name="spec">The same as it was written.</param>
    /// <param name="data">The samples.</param>
    /// <param name="results">The runs.</param>
    /// <param name="evaluated">Their brackets and checks.</param>
    /// <param name="notes">What is to be known of how the model was read.</param>
    /// <param name="network">The network; null where another program computes it: then nothing is drawn on the plane.</param>
    /// <returns>The job's outcome.</returns>
    public static AttackJobOutcome Write(
        JobContext context,
        AttackSpec spec,
        DataSplits data,
        IReadOnlyList<(string Split, SplitAttackResult Result)> results,
        EvaluatedPart evaluated,
        IReadOnlyList<string> notes,
        AttackedNetwork? network = null)
    {
        SamplesCsv.Write(
            context.Folder.Samples, SampleExport.Parts([.. results.Select(r => new AttackedSplit(null, r.Split, r.Result, evaluated.Brackets[r.Split]))]));
        if (spec.SaveAdversarial)
        {
            AdversarialFile.Write(
                context.Folder.Adversarial,
                [.. results.Select(r => new AdversarialSplit(r.Split, r.Split == "train" ? data.Train : data.Test, r.Result))]);
        }

        var outcome = new AttackJobOutcome
        {
            Splits = results.ToDictionary(r => r.Split, r => SplitAttacks.Of(r.Result, evaluated.Brackets[r.Split], data.Names)),
            Checks = evaluated.Checks,
            Notes = notes,
        };
        AttackReport.Write(context, outcome, results, evaluated, data.Train.IsImages, PartPictures.Of(network, data, results));
        return outcome;
    }
}
