
namespace Differential.Core.Training;

/// <summary>What of a run goes into checkpoints, and back.</summary>
internal sealed partial class TrainingRun
{
    private readonly List<EpochSnapshot> _snapshots = [];

    private void Resume()
    {
        if (_store?.Load(_fingerprint, _observer.CheckpointIgnored) is not { } checkpoint)
        {
            return;
        }

        TrainingState.Restore(_network, _optimizer, checkpoint.OptimizerSteps, checkpoint.Tensors);
        _epoch = checkpoint.Epoch;
        _step = checkpoint.Step;
        _lossSum = checkpoint.LossSum;
        _lossSamples = checkpoint.LossSamples;
        _epochTime = checkpoint.EpochTime;
        _stepTime = checkpoint.StepTime;
        _stepSamples = checkpoint.StepSamples;
        _elapsedBefore = checkpoint.Elapsed;
        _reports.AddRange(checkpoint.Reports);
        _best = BestSnapshot.From(checkpoint.Tensors);
        for (int epoch = 1; _options.KeepEpochs && epoch < _epoch; epoch++)
        {
            if (_store.LoadEpoch(_fingerprint, epoch) is { } snapshot)
            {
                _snapshots.Add(snapshot);
            }
        }

        _observer.Resumed(Math.Min(_epoch, _options.Epochs), _epoch > _options.Epochs ? _source.Steps : _step, _reports);
    }

    private void SaveIfDue()
    {
        if (_store is not null && (_epoch == _options.Epochs || _time.GetElapsedTime(_saved) >= _options.CheckpointInterval))
        {
            Save(_epoch + 1);
        }
    }

    /// <summary>Writes a checkpoint to go on from in <paramref name="epoch"/>.</summary>
    private void Save(int epoch)
    {
        if (_store is null)
        {
            return;
        }

        if (!_network.ParameterValues.ToArray().All(float.IsFinite))
        {
            throw new TrainingDivergedException(_epoch, _step, "a parameter is not finite");
        }

        _store.Save(new Checkpoint
        {
            Fingerprint = _fingerprint,
            Epoch = epoch,
            Step = _step,
            LossSum = _lossSum,
            LossSamples = _lossSamples,
            EpochTime = _epochTime,
            StepTime = _stepTime,
            StepSamples = _stepSamples,
            Elapsed = Elapsed,
            OptimizerSteps = _optimizer.Steps,
            Origin = TrainingOrigin.Of(_network.Device.Info),
            Reports = _reports,
            Tensors = [.. TrainingState.Read(_network, _optimizer), .. _best?.ToTensors() ?? []],
        });
        _saved = _time.GetTimestamp();
    }

    private void KeepEpoch()
    {
        if (!_options.KeepEpochs)
        {
            return;
        }

        var snapshot = new EpochSnapshot(_epoch, _network.ParameterValues.ToArray()) { State = _network.StateValues?.ToArray() ?? [] };
        _snapshots.RemoveAll(kept => kept.Epoch == _epoch);
        _snapshots.Add(snapshot);
        _store?.SaveEpoch(_fingerprint, snapshot);
    }
}
