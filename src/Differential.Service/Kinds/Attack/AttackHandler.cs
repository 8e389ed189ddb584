using Differential.Core;
using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Importing;
using Differential.Core.Models;
using Differential.Service.Jobs;
using Differential.Service.Progress;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Attack;

/// <summary>Attacks a saved network.</summary>
internal sealed class AttackHandler(JobLimits limits) : IJobHandler<AttackSpec>
{
    public IPreparedJob Prepare(AttackSpec spec, string file, JobHandlers jobs)
    {
        limits.CheckData(spec.Data, file);
        DataSplits data = JobInputs.Load(spec.Data, spec.Seed, file);
        OpenedModel model;
        try
        {
            model = JobInputs.Model(spec.Model, data, file, JobInputs.Import(spec, data, file));
        }
        catch (UnsupportedOperatorException exception)
        {
            return new RuntimeAttack(spec, file, data, exception).Checked();
        }

        limits.CheckNetwork(model.Architecture, data, ScoreEvaluator.DefaultBatch, file);
        return new Prepared(spec, file, data, model);
    }

    /// <summary>A model is looked at even where the data are not right.</summary>
    public InputException? Beside(AttackSpec spec, string file, InputException mistake) =>
        mistake.Place.StartsWith("$.model", StringComparison.Ordinal) ? null : JobInputs.MistakeOf(spec.Model, file);

    private sealed class Prepared(AttackSpec spec, string file, DataSplits data, OpenedModel model) : IPreparedJob
    {
        public JobPlan Plan { get; } = new(
        [
            .. JobPhases.Attacks(null, spec.Attacks, spec.Split, spec.Limit, model.Architecture, data),
            .. JobPhases.Evaluation(null, spec.Certify, spec.Checks ? spec.CheckSamples : null, spec.Split, spec.Limit, model.Architecture, data),
        ]);

        public JobOutcome Run(JobContext context)
        {
            context.Tell(data);
            foreach (string note in model.Notes)
            {
                context.Observer.Warning(note);
            }

            try
            {
                return Attack(context);
            }
            catch (ScoresNotFiniteException exception)
            {
                throw new InputException(file, "$.model", exception.Found, ScoresNotFiniteException.Allowed);
            }
        }

        private AttackJobOutcome Attack(JobContext context)
        {
            DeviceMemory.CheckAttacks(context.Device, spec.Attacks, model.Architecture, model.Normalization, data.Test, file);
            using var attacked = new AttackedNetwork(context, model.Path, model);
            var stage = new AttackStage(context, null, context.Folder.Checkpoint);
            IReadOnlyList<(string Split, SplitAttackResult Result)> results = stage.Run(attacked, data, spec.Split, new AttackRunOptions
            {
                Attacks = spec.Attacks,
                Limit = spec.Limit,
                Seed = spec.Seed,
                KeepAdversarial = spec.SaveAdversarial,
                Examples = ExamplePictures.Count(data.Train),
            });
            CheckRequest? checks = spec.Checks ? new CheckRequest(spec.Attacks, spec.CheckSamples, spec.Seed) : null;
            EvaluatedPart evaluated = new EvaluationStage(context, null, context.Folder.Checkpoint).Run(attacked, data, results, spec.Certify, checks);
            return AttackFiles.Write(context, spec, data, results, evaluated, model.Notes, attacked);
        }
    }
}
