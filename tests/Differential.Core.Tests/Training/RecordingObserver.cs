
using Differential.Core.Training;

namespace Differential.Core.Tests.Training;

/// <summary>Keeps what it is told, and cancels after so many steps.</summary>
internal sealed class RecordingObserver(int cancelAfter = int.MaxValue) : ITrainingObserver, IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public CancellationToken Token => _source.Token;

    public List<EpochReport> Epochs { get; } = [];

    public List<string> Ignored { get; } = [];

    public int Steps { get; private set; }

    public (int Epoch, int Step, int Reports)? ResumedAt { get; private set; }

    public void Resumed(int epoch, int stepsDone, IReadOnlyList<EpochReport> reports) => ResumedAt = (epoch, stepsDone, reports.Count);

    public void CheckpointIgnored(string path, string reason) => Ignored.Add(Path.GetFileName(path));

    public void StepDone(StepReport report)
    {
        Steps++;
        if (Steps == cancelAfter)
        {
            _source.Cancel();
        }
    }

    public void EpochDone(EpochReport report) => Epochs.Add(report);

    public void Dispose() => _source.Dispose();
}
