using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;
using Differential.Core.Theory;
using Differential.Core.Training;
using Differential.Service.Jobs;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Train;

/// <summary>Trains one network of a job, and measures it: the part that train and compare jobs share.</summary>
/// <param name="context">The job.</param>
/// <param name="model">The network's name in a comparison; null elsewhere.</param>
/// <param name="folder">Where model.safetensors and model.onnx go.</param>
/// <param name="checkpoint">Where checkpoints of this network are kept.</param>
internal sealed class TrainingStage(JobContext context, string? model, string folder, string checkpoint)
{
    /// <summary>Widest features whose spectrum is taken: its time grows with the cube.</summary>
    private const int MaxFeatures = 128;

    private const string Stage = "trained";

    private readonly StageCache _cache = new(checkpoint, context.Guard);

    /// <summary>The model file.</summary>
    public string ModelPath => Path.Combine(folder, "model.safetensors");

    /// <summary>Trains, or goes on, or takes over what an earlier process finished.</summary>
    /// <param name="spec">The training.</param>
    /// <param name="data">The samples.</param>
    /// <param name="architecture">The layers.</param>
    /// <param name="normalization">Of the inputs.</param>
    /// <param name="curve">Attacks some epochs' networks too; null for none.</param>
    /// <returns>
    /// The results, and the network as it lies on the device, owned by the caller; no network where an earlier process trained it, or where
    /// the file keeps other layers than those that were trained.
    /// </returns>
    public (TrainedPart Part, Network? Network) Run(
        TrainSpec spec, DataSplits data, NetworkArchitecture architecture, InputNormalization normalization, Func<Network, TrainingResult, IReadOnlyList<EpochFlips>>? curve)
    {
        if (File.Exists(ModelPath) && _cache.Read<TrainedPart>(Stage, string.Empty) is { } finished)
        {
            context.Observer.Message($"{(model is null ? "The network" : model)} is trained already");
            return (finished, null);
        }

        var network = new Network(context.Device, architecture, normalization);
        try
        {
            var store = new CheckpointStore(checkpoint) { Guard = context.Guard };
            TrainingResult result = Train(network, data, spec.ToTraining(keepEpochs: curve is not null), store);
            SavedModel saved = NetworkModel.ToSaved(network, data);
            ModelFile.Save(ModelPath, saved);
            OnnxExport.Save(Path.Combine(folder, "model.onnx"), network, saved);
            TrainedPart part = Measure(network, data, result);
            part = part with { Outcome = WithHeldOut(part.Outcome, spec, data, result) };
            if (curve is not null)
            {
                part = part with { Curve = curve(network, result) };
                network.SetThresholds(saved.Thresholds is { } thresholds ? [.. thresholds] : [saved.Threshold]);
            }

            _cache.Write(Stage, string.Empty, part);
            store.Clear();
            if (saved.Layers.SequenceEqual(architecture.Options))
            {
                return (part, network);
            }

            network.Dispose();
            return (part, null);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static TrainOutcome WithHeldOut(TrainOutcome outcome, TrainSpec spec, DataSplits data, TrainingResult result) => outcome with
    {
        TrainClasses = spec.Data.ClassCounts is null && spec.Data.Imbalance is null
            ? null
            : data.Train.CountClasses().Select((count, number) => (data.Names[number], count)).ToDictionary(),
        Validation = data.Validation is null ? null : new SplitAccuracy(data.Validation.Count, result.ValidationAccuracy!.Value),
        KeptEpoch = spec.Keep == KeptEpoch.Best ? result.KeptEpoch : null,
        SkippedBatches = spec.Batches == BatchRule.Natural && spec.Loss.NeedsPairs ? result.SkippedBatches : null,
    };

    private TrainingResult Train(Network network, DataSplits data, TrainingOptions options, CheckpointStore store)
    {
        var observer = new Forward(context.Observer, model, data.HasTest);
        try
        {
            return Trainer.Run(network, data, options, store, observer, context.Cancellation);
        }
        catch (CheckpointMismatchException)
        {
            context.Observer.Message("The checkpoint is of other data or options; the training starts anew");
            store.Clear();
            return Trainer.Run(network, data, options, store, observer, context.Cancellation);
        }
    }

    private static TrainedPart Measure(Network network, DataSplits data, TrainingResult result)
    {
        var decision = Decision.By(network.Thresholds);
        double[] train = decision.WideMargins([.. result.TrainScores], [.. data.Train.Labels]);
        double[] test = data.HasTest ? decision.WideMargins([.. result.TestScores], [.. data.Test.Labels]) : [];
        var margins = new Dictionary<string, MarginSummary> { ["train"] = MarginSummary.Of(train) };
        if (data.HasTest)
        {
            margins["test"] = MarginSummary.Of(test);
        }

        int width = network.Architecture.FeatureCount;
        bool hasGeometry = width <= MaxFeatures && data.Train.IsImages;
        bool hasTheorem = network.Architecture.Scores == 1 && width <= FeatureMargins.MostFeatures;
        float[][] features = hasGeometry || hasTheorem ? FeatureEvaluator.Features(network, data.Train) : [];
        FeatureGeometry? geometry = hasGeometry ? FeatureGeometry.Measure<float>(features.SelectMany(row => row).ToArray(), width) : null;
        return new TrainedPart
        {
            Outcome = new TrainOutcome
            {
                Train = Split(data.Train, result.TrainAccuracy, result.TrainScores),
                Test = data.HasTest ? Split(data.Test, result.TestAccuracy, result.TestScores) : new SplitAccuracy(0, double.NaN),
                Threshold = result.Thresholds is null ? result.Threshold : null,
                Thresholds = result.Thresholds,
                Loss = result.Loss,
                ScoreMargin = result.ScoreMargin,
                ImagesPerSecond = result.ImagesPerSecond,
                Margins = margins,
                Features = geometry is null ? null : FeatureSummary.Of(geometry),
                Theorem = hasTheorem ? Theorem(network, features, data.Train) : null,
            },
            TrainMargins = train,
            TestMargins = test,
        };

        SplitAccuracy Split(Dataset samples, double accuracy, IReadOnlyList<float> scores) =>
            SplitFigures.With(new SplitAccuracy(samples.Count, accuracy), SplitDecisions.Of(decision, [.. scores], [.. samples.Labels]), data.Names);
    }

    private static FeatureMargins? Theorem(Network network, float[][] features, Dataset samples)
    {
        // The last layer's parameters are the network's last.
        bool hasBias = network.Parameters[^1].IsBias;
        float[] weights = network.Effective(network.Parameters[hasBias ? ^2 : ^1]).ToArray();
        double bias = hasBias ? network.Parameters[^1].Value.ToArray()[0] : 0;
        return FeatureMargins.Measure(features, samples.Labels, weights, bias - network.Threshold);
    }

    /// <summary>Tells the job's observer what the trainer tells.</summary>
    private sealed class Forward(JobObserver observer, string? model, bool hasTest) : ITrainingObserver
    {
        public void Resumed(int epoch, int stepsDone, IReadOnlyList<EpochReport> reports) => observer.Message($"Training goes on in epoch {epoch} after {stepsDone} of its steps");

        public void CheckpointIgnored(string path, string reason) => observer.Message($"Checkpoint {path} is passed over: {reason}");

        public void StepDone(StepReport report) => observer.StepDone(model, report);

        public void EpochDone(EpochReport report) => observer.EpochDone(model, hasTest ? report : report with { TestAccuracy = double.NaN });
    }
}

/// <summary>A trained network's results, and what the report draws of it.</summary>
internal sealed record TrainedPart
{
    public required TrainOutcome Outcome { get; init; }

    /// <summary>y·score of each training sample, of three classes or more its smallest margin.</summary>
    public required IReadOnlyList<double> TrainMargins { get; init; }

    /// <summary>The same of each test sample; empty where the data have none.</summary>
    public required IReadOnlyList<double> TestMargins { get; init; }

    /// <summary>Accuracy and flip rate after some epochs, for comparisons at equal accuracy; null where it was not asked for.</summary>
    public IReadOnlyList<EpochFlips>? Curve { get; init; }
}
