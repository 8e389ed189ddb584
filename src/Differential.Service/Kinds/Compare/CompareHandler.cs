using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Train;
using Differential.Service.Progress;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Compare;

/// <summary>
/// Trains a network for each loss or entry and seed, each with a fitted threshold, and attacks them on the same splits in the same
/// order. Losses alone start from the same initial weights.
/// </summary>
internal sealed class CompareHandler(JobLimits limits) : IJobHandler<CompareSpec>
{
    public IPreparedJob Prepare(CompareSpec spec, string file, JobHandlers jobs)
    {
        limits.CheckData(spec.Data, file);
        DataSplits data = JobInputs.Load(spec.Data, spec.Seed, file);
        List<PreparedRun> runs = [];
        foreach (CompareRun run in spec.Runs())
        {
            string owner = spec.Entries is { } entries && entries.Any(e => e.Name == run.Name && e.Model is null) ? "$" : run.Place;
            (NetworkArchitecture architecture, InputNormalization normalization) = JobInputs.Network(run.Training.Model!, data, file, owner);
            limits.CheckNetwork(architecture, data, run.Training.Optimizer is NormalizedGradientOptions ? 1 : run.Training.BatchSize, file, owner);
            runs.Add(new PreparedRun(run, architecture, normalization));
        }

        return new Prepared(spec, file, data, runs);
    }

    private sealed record PreparedRun(CompareRun Run, NetworkArchitecture Architecture, InputNormalization Normalization);

    private sealed class Prepared(CompareSpec spec, string file, DataSplits data, IReadOnlyList<PreparedRun> runs) : IPreparedJob
    {
        /// <summary>Of a selection all trainings come first. Which networks are attacked is known only then: each setting's attacks are planned with its share of the work.</summary>
        public JobPlan Plan => spec.Select is null
            ? new([.. runs.SelectMany(prepared => PhasesOf(prepared).Prepend(TrainingOf(prepared)))])
            : new([.. runs.Select(TrainingOf), .. runs.SelectMany(prepared => PhasesOf(prepared).Select(phase => phase with { Work = phase.Work / Choices(prepared.Run) }))]);

        public JobOutcome Run(JobContext context)
        {
            context.Tell(data);
            CheckMemory(context);
            EpochCurve? curve = data.HasTest ? EpochCurve.Of(spec) : null;
            var options = new AttackRunOptions { Attacks = spec.Attacks, Limit = spec.Limit, Seed = spec.Seed, Examples = ExamplePictures.Count(data.Train) };
            var models = new List<ComparedPart>();
            var kept = context.KeepsPart ? new StageCache(context.Folder.Path, context.Guard) : null;
            Selection? selection = Select(context);
            foreach (PreparedRun prepared in runs.Where(prepared => selection?.Includes(prepared.Run) != false))
            {
                CompareRun run = prepared.Run;
                string checkpoint = CheckpointOf(context, run);
                (TrainedPart trained, AttackedNetwork network) = Train(context, prepared, curve);
                using AttackedNetwork attacked = network;
                IReadOnlyList<(string, SplitAttackResult)> attacks = new AttackStage(context, run.Label, checkpoint).Run(attacked, data, spec.Split, options);

                // The checks are of the evaluation more than of a network: once for each entry.
                bool isFirst = models.All(m => m.Run.Name != run.Name);
                CheckRequest? checks = spec.Checks && isFirst ? new CheckRequest(spec.Attacks, spec.CheckSamples, spec.Seed) : null;
                EvaluatedPart evaluated = new EvaluationStage(context, run.Label, checkpoint).Run(attacked, data, attacks, spec.Certify, checks);
                models.Add(new ComparedPart(run, trained, attacks, evaluated) { Names = data.Names, Pictures = isFirst ? PartPictures.Of(attacked, data, attacks) : null });
                kept?.Write(KeptPart.Stage, string.Empty, KeptPart.Of(models[^1]));
            }

            return Comparison.Finish(context, spec, models, data.HasTest, context.Folder.Samples, selection);
        }

        private JobPhase TrainingOf(PreparedRun prepared) => JobPhases.Training(prepared.Run.Label, prepared.Run.Training, prepared.Architecture, data);

        private int Choices(CompareRun run) => runs.Count(other => other.Run.Name == run.Name && other.Run.Seed == run.Seed);

        private IEnumerable<JobPhase> PhasesOf(PreparedRun prepared)
        {
            CompareRun run = prepared.Run;
            if (data.HasTest && EpochCurve.Of(spec) is not null)
            {
                yield return JobPhases.EqualAccuracy(run.Label, Math.Min(run.Training.Epochs, EpochCurve.MostEpochs), EpochCurve.Samples, EpochCurve.Steps, prepared.Architecture, data);
            }

            bool isFirst = runs.First(r => r.Run.Name == run.Name) == prepared;
            foreach (JobPhase phase in JobPhases.Attacks(run.Label, spec.Attacks, spec.Split, spec.Limit, prepared.Architecture, data)
                .Concat(JobPhases.Evaluation(run.Label, spec.Certify, spec.Checks && isFirst ? spec.CheckSamples : null, spec.Split, spec.Limit, prepared.Architecture, data)))
            {
                yield return phase;
            }
        }

        /// <summary>Trains every setting, and selects one for each loss; null where the job selects nothing.</summary>
        private Selection? Select(JobContext context)
        {
            if (spec.Select is not { } select)
            {
                return null;
            }

            var stage = new SelectionStage(context, spec, select, data);
            var measured = new List<(CompareRun, CandidateRun)>();
            foreach (PreparedRun prepared in runs)
            {
                (_, AttackedNetwork network) = Train(context, prepared, null);
                using AttackedNetwork attacked = network;
                measured.Add((prepared.Run, stage.Measure(prepared.Run, attacked, CheckpointOf(context, prepared.Run))));
            }

            return Selection.Of(select, measured);
        }

        private (TrainedPart Part, AttackedNetwork Network) Train(JobContext context, PreparedRun prepared, EpochCurve? curve)
        {
            CompareRun run = prepared.Run;
            var stage = new TrainingStage(context, run.Label, context.Folder.ModelFolder(run.Label), CheckpointOf(context, run));
            (TrainedPart part, Network? network) = stage.Run(run.Training, data, prepared.Architecture, prepared.Normalization, curve is null ? null : (last, result) => curve.Measure(context, run.Label, last, data.Test, result));
            return (part, new AttackedNetwork(context, stage.ModelPath, trained: network));
        }

        private static string CheckpointOf(JobContext context, CompareRun run)
        {
            string folder = Path.Combine(context.Folder.Checkpoint, run.Label);
            Directory.CreateDirectory(folder);
            return folder;
        }

        // All of them, before the first is trained.
        private void CheckMemory(JobContext context)
        {
            foreach (PreparedRun prepared in runs)
            {
                CompareRun run = prepared.Run;
                CompareEntry? entry = spec.Entries?.FirstOrDefault(e => e.Name == run.Name);
                DeviceMemory.CheckTraining(
                    context.Device,
                    run.Training,
                    prepared.Architecture,
                    prepared.Normalization,
                    data,
                    file,
                    entry?.BatchSize is null ? "$.batchSize" : $"{run.Place}.batchSize",
                    entry?.Model is null ? "$.model" : $"{run.Place}.model");
                DeviceMemory.CheckAttacks(context.Device, spec.Attacks, prepared.Architecture, prepared.Normalization, data.Test, file);
            }
        }
    }
}

/// <summary>One network of a comparison.</summary>
internal sealed record ComparedPart(CompareRun Run, TrainedPart Trained, IReadOnlyList<(string Split, SplitAttackResult Result)> Attacks, EvaluatedPart Evaluated)
{
    /// <summary>Of the classes.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The smallest flips; of the first seed of a network alone.</summary>
    public PartPictures? Pictures { get; init; }

    /// <summary>Of the model file, within the run's folder.</summary>
    public string Folder { get; init; } = $"models/{Run.Label}";

    public ComparedModel ToModel() => new(Trained.Outcome)
    {
        Name = Run.Name,
        Seed = Run.Seed,
        Folder = Folder,
        Splits = Attacks.ToDictionary(a => a.Split, a => SplitAttacks.Of(a.Result, Evaluated.Brackets[a.Split], Names)),
    };
}
