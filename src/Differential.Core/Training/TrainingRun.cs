
using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;

namespace Differential.Core.Training;

/// <summary>One run of <see cref="Trainer"/>: the loop over epochs and steps, and what is counted on the way.</summary>
internal sealed partial class TrainingRun : IDisposable
{
    private readonly OwnedResources _owned = new();
    private readonly Network _network;
    private readonly TrainingOptions _options;
    private readonly CheckpointStore? _store;
    private bool _hasRecorded;
    private readonly ITrainingObserver _observer;
    private readonly TimeProvider _time;
    private readonly Optimizer _optimizer;
    private readonly GradientSource _source;
    private readonly TrainingStep _stepper;
    private readonly LossWindow _window;
    private readonly EvaluatedSet _trainSet;
    private readonly EvaluatedSet _testSet;
    private readonly EvaluatedSet? _validationSet;
    private readonly string _fingerprint;
    private readonly List<EpochReport> _reports = [];

    private int _epoch = 1;
    private int _step;
    private double _lossSum;
    private long _lossSamples;
    private TimeSpan _epochTime;
    private TimeSpan _stepTime;
    private long _stepSamples;
    private TimeSpan _elapsedBefore;
    private long _started;
    private long _saved;

    /// <param name="network">The network.</param>
    /// <param name="splits">Training and test samples.</param>
    /// <param name="options">How to train.</param>
    /// <param name="placement">Which samples lie on the device.</param>
    /// <param name="store">Where checkpoints are kept; null for none.</param>
    /// <param name="observer">Told of progress.</param>
    /// <param name="time">The clock for durations.</param>
    public TrainingRun(
        Network network, DataSplits splits, TrainingOptions options, DataPlacement placement, CheckpointStore? store, ITrainingObserver observer, TimeProvider time)
    {
        _network = network;
        _options = options;
        _store = store;
        _observer = observer;
        _time = time;
        _fingerprint = store is null ? string.Empty : JobFingerprint.Of(network, splits, options);
        try
        {
            _optimizer = _owned.Add(options.Optimizer.CreateOptimizer(network));
            int batch = LargestBatch(splits, options);
            SampleBatches train = Batches(splits.Train, placement.Train);
            SampleBatches test = Batches(splits.Test, placement.Test);
            SampleBatches? validation = splits.Validation is null ? null : Batches(splits.Validation, onDevice: false);
            _source = _owned.Add<GradientSource>(_optimizer.IsFullBatch
                ? new FullBatchGradient(network, train, options.Loss, activations: options.Activations)
                : MiniBatchGradient.Create(network, train, options));
            train.Reserve(_source.Plan.MaxBatch);
            test.Reserve(_source.Plan.MaxBatch);
            _stepper = _owned.Add(new TrainingStep(_source, _optimizer, network.Device));
            _window = _owned.Add(new LossWindow(network.Device));
            _trainSet = new EvaluatedSet(train, options, "train");
            _testSet = new EvaluatedSet(test, options, "test");
            _validationSet = validation is null ? null : new EvaluatedSet(validation, options with { EvaluationLimit = int.MaxValue }, "validation");

            SampleBatches Batches(Dataset data, bool onDevice) =>
                _owned.Add(new SampleBatches(network.Device, data, onDevice && SampleBatches.MayLieOn(network.Device, data) ? 0 : batch));
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    public TrainingResult Run(CancellationToken cancellationToken)
    {
        _started = _saved = _time.GetTimestamp();
        Resume();
        for (; _epoch <= _options.Epochs; _epoch++)
        {
            RunEpoch(cancellationToken);
            EpochReport report = Report();
            _reports.Add(report);
            KeepEpoch();
            KeepBest();
            (_step, _lossSum, _lossSamples, _epochTime) = (0, 0, 0, TimeSpan.Zero);
            SaveIfDue();
            _observer.EpochDone(report);
        }

        return Result();
    }

    public void Dispose() => _owned.Dispose();

    // Attacked batches are evaluated in the plan of both copies; a full-batch optimiser goes through the set in chunks.
    private static int LargestBatch(DataSplits splits, TrainingOptions options) => options.Optimizer is NormalizedGradientOptions
        ? Math.Min(FullBatchGradient.DefaultChunk, splits.Train.Count)
        : (Math.Min(options.BatchSize, checked((2 * splits.Train.Count) + 1)) + (options.Batches == BatchRule.Proportional ? splits.Train.Classes : 0)) * (options.Adversarial is TradesOptions ? 2 : 1);

    private TimeSpan Elapsed => _elapsedBefore + _time.GetElapsedTime(_started);

    private long TotalSteps => (long)_options.Epochs * _source.Steps;

    /// <summary>Steps of the run so far, those on skipped batches included: the schedule goes on over them.</summary>
    private long Position => ((_epoch - 1L) * _source.Steps) + _step;

    private void RunEpoch(CancellationToken cancellationToken)
    {
        _source.Begin(_epoch);
        long mark = _time.GetTimestamp();
        while (_step < _source.Steps)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Flush(ref mark);
                Save(_epoch);
                throw new OperationCanceledException(cancellationToken);
            }

            if (_source.IsSkipped(_step))
            {
                _step++;
                continue;
            }

            float rate = LearningRate.At(_options.Optimizer, Position, TotalSteps);
            _window.Taken(_stepper.Run(_step, rate, _window.Next));
            _step++;
            if (_window.IsFull)
            {
                Flush(ref mark);
            }

            if (!_hasRecorded)
            {
                // However soon the process ends, each start comes one step further.
                _hasRecorded = true;
                Flush(ref mark);
                Save(_epoch);
            }
        }

        Flush(ref mark);
    }

    /// <summary>Waits for the steps queued, takes their losses and the time they took.</summary>
    private void Flush(ref long mark)
    {
        long samplesBefore = _lossSamples;
        (int StepsAgo, float Loss)? bad = _window.Flush(ref _lossSum, ref _lossSamples);
        if (bad is { } found)
        {
            throw new TrainingDivergedException(_epoch, _step - found.StepsAgo, $"the loss is {found.Loss}");
        }

        long now = _time.GetTimestamp();
        TimeSpan passed = _time.GetElapsedTime(mark, now);
        mark = now;
        _epochTime += passed;
        _stepTime += passed;
        _stepSamples += _lossSamples - samplesBefore;
        if (_lossSamples > samplesBefore)
        {
            _observer.StepDone(new StepReport(_epoch, _options.Epochs, _step, _source.Steps, _lossSum / _lossSamples, Rate(_lossSamples, _epochTime)));
        }
    }

    private EpochReport Report()
    {
        bool last = _epoch == _options.Epochs;
        Decision decision = Evaluate(last);
        float[] thresholds = [.. decision.Thresholds];
        return new EpochReport
        {
            Epoch = _epoch,
            Epochs = _options.Epochs,
            Step = _optimizer.Steps,
            Loss = _lossSamples == 0 ? 0 : _lossSum / _lossSamples,
            TrainAccuracy = _trainSet.Accuracy(decision),
            TestAccuracy = _testSet.Accuracy(decision),
            ValidationAccuracy = _validationSet?.Accuracy(decision),
            ValidationFigure = _validationSet?.Figure(decision, _options.ThresholdGoal),
            SkippedBatches = Enumerable.Range(0, _source.Steps).Count(_source.IsSkipped),
            ScoreMargin = _trainSet.Margin(decision),
            Threshold = thresholds.Length == 1 ? thresholds[0] : 0,
            Thresholds = thresholds.Length == 1 ? null : thresholds,
            ImagesPerSecond = Rate(_lossSamples, _epochTime),
            LearningRate = LearningRate.At(_options.Optimizer, Math.Max(0, Position - 1), TotalSteps),
            Elapsed = Elapsed,
        };
    }

    private TrainingResult Result()
    {
        int kept = RestoreBest();
        if (!_trainSet.IsWhole || kept != _options.Epochs)
        {
            // All epochs were done before an interruption: the scores are not in the checkpoint. Or an earlier epoch is kept.
            Evaluate(whole: true);
        }

        var decision = Decision.By(_network.Thresholds);
        float[] thresholds = [.. decision.Thresholds];
        return new TrainingResult
        {
            Loss = _reports[kept - 1].Loss,
            TrainAccuracy = _trainSet.Accuracy(decision),
            TestAccuracy = _testSet.Accuracy(decision),
            ValidationAccuracy = _validationSet?.Accuracy(decision),
            ValidationScores = _validationSet?.Scores ?? [],
            KeptEpoch = kept,
            SkippedBatches = _reports.Sum(static report => (long)report.SkippedBatches),
            ScoreMargin = _trainSet.Margin(decision),
            Threshold = thresholds.Length == 1 ? thresholds[0] : 0,
            Thresholds = thresholds.Length == 1 ? null : thresholds,
            ImagesPerSecond = Rate(_stepSamples, _stepTime),
            Elapsed = Elapsed,
            Epochs = _reports,
            TrainScores = _trainSet.Scores,
            TestScores = _testSet.Scores,
            Snapshots = _snapshots,
        };
    }

    /// <summary>Scores both sets and sets the network's threshold by the rule.</summary>
    private Decision Evaluate(bool whole)
    {
        _network.Settle();
        _trainSet.Evaluate(_source, whole);
        _testSet.Evaluate(_source, whole);
        _validationSet?.Evaluate(_source, whole);
        if (!_trainSet.IsFinite || !_testSet.IsFinite || _validationSet is { IsFinite: false })
        {
            throw new TrainingDivergedException(_epoch, 0, "a score is not finite");
        }

        Decision decision = _options.Threshold switch
        {
            ThresholdRule.Zero => Decision.By(new float[_network.Architecture.Scores]),
            ThresholdRule.Validation => _validationSet!.Fit(_options.ThresholdGoal),
            _ => _trainSet.Fit(_options.ThresholdGoal),
        };
        _network.SetThresholds(decision.Thresholds);
        return decision;
    }

    private static double Rate(long samples, TimeSpan time) => time > TimeSpan.Zero ? samples / time.TotalSeconds : 0;
}
