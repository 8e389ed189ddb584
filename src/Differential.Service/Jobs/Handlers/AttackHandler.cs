using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Export;
using Differential.Service.Jobs.Results;
using Differential.Service.Jobs.Running;
using Differential.Service.Reporting;

namespace Differential.Service.Jobs.Handlers;

/// <summary>Attacks a saved network.</summary>
internal sealed class AttackHandler : IJobHandler<AttackSpec>
{
    public IPreparedJob Prepare(AttackSpec spec, string file)
    {
        DataSplits data = JobInputs.Load(spec.Data, spec.Seed, file);
        JobInputs.Model(spec.Model, data, file);
        return new Prepared(spec, data);
    }

    private sealed class Prepared(AttackSpec spec, DataSplits data) : IPreparedJob
    {
        public JobOutcome Run(JobContext context)
        {
            var stage = new AttackStage(context, null, context.Folder.Checkpoint);
            IReadOnlyList<(string Split, SplitAttackResult Result)> results = stage.Run(spec.Model, data, spec.Split, new AttackRunOptions
            {
                Attacks = spec.Attacks,
                Limit = spec.Limit,
                Seed = spec.Seed,
                KeepAdversarial = spec.SaveAdversarial,
            });
            SamplesCsv.Write(context.Folder.Samples, SampleExport.Parts([.. results.Select(r => new AttackedSplit(null, r.Split, r.Result))]));
            if (spec.SaveAdversarial)
            {
                AdversarialFile.Write(
                    context.Folder.Adversarial,
                    [.. results.Select(r => SampleExport.Adversarial(r.Split, r.Split == "train" ? data.Train : data.Test, r.Result))]);
            }

            var outcome = new AttackJobOutcome { Splits = results.ToDictionary(r => r.Split, r => SplitAttacks.Of(r.Result)) };
            RunReports.Attack(context, results);
            return outcome;
        }
    }
}
