namespace Differential.Core.Training;

/// <summary>The epoch that does best on the held-out samples.</summary>
internal sealed partial class TrainingRun
{
    private BestSnapshot? _best;

    /// <summary>The best epoch so far, from 1; the latest of several. The reports say which.</summary>
    private int BestEpoch => _reports.MaxBy(static report => (report.ValidationFigure, report.Epoch))!.Epoch;

    /// <summary>Keeps the network of the epoch that was reported last where it is the best so far.</summary>
    private void KeepBest()
    {
        if (_options.Keep == KeptEpoch.Best && BestEpoch == _epoch)
        {
            _best = new BestSnapshot(_network.ParameterValues.ToArray(), _network.StateValues?.ToArray() ?? []);
        }
    }

    /// <summary>Puts the kept epoch's network in the place of the last one's.</summary>
    /// <returns>Its epoch, from 1.</returns>
    private int RestoreBest()
    {
        if (_best is null || BestEpoch == _options.Epochs)
        {
            return _options.Epochs;
        }

        _network.SetParameters(_best.Parameters);
        if (_best.State.Length > 0)
        {
            _network.SetState(_best.State);
        }

        return BestEpoch;
    }
}
