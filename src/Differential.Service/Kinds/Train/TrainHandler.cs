using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Progress;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Train;

/// <summary>Trains one network.</summary>
internal sealed class TrainHandler(JobLimits limits) : IJobHandler<TrainSpec>
{
    public IPreparedJob Prepare(TrainSpec spec, string file, JobHandlers jobs)
    {
        limits.CheckData(spec.Data, file);
        DataSplits data = JobInputs.Load(spec.Data, spec.Seed, file);
        (NetworkArchitecture architecture, InputNormalization normalization) = JobInputs.Network(spec.Model!, data, file);
        limits.CheckNetwork(architecture, data, spec.Optimizer is NormalizedGradientOptions ? 1 : spec.BatchSize, file);
        return new Prepared(spec, file, data, architecture, normalization);
    }

    private sealed class Prepared(TrainSpec spec, string file, DataSplits data, NetworkArchitecture architecture, InputNormalization normalization) : IPreparedJob
    {
        public JobPlan Plan { get; } = new([JobPhases.Training(null, spec, architecture, data)]);

        public JobOutcome Run(JobContext context)
        {
            context.Tell(data);
            DeviceMemory.CheckTraining(context.Device, spec, architecture, normalization, data, file);
            var stage = new TrainingStage(context, null, context.Folder.Path, context.Folder.Checkpoint);
            (TrainedPart part, Network? network) = stage.Run(spec, data, architecture, normalization, null);
            using var trained = new AttackedNetwork(context, stage.ModelPath, trained: network);
            TrainReport.Write(context, part, PlanePictures.IsPlane(data) ? PlanePictures.Of("training samples", PlanePictures.FieldOf(trained.Network, data), data.Train, null, data.Names) : null);
            return part.Outcome;
        }
    }
}
