using Differential.Core.Attacks;
using Differential.Core.Training;
using Differential.Service.Runs;

namespace Differential.Service.Tests.Runs;

/// <summary>Interrupts a job after so many epochs, or so many attacks, of one model.</summary>
internal sealed class CancelAfter(string? model, int epochs = int.MaxValue, int attacks = int.MaxValue) : JobObserver, IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private int _attacks;

    public CancellationToken Token => _source.Token;

    public List<string> Messages { get; } = [];

    public override void EpochDone(string? name, EpochReport report)
    {
        if (name == model && report.Epoch >= epochs)
        {
            _source.Cancel();
        }
    }

    public override void AttackDone(string? name, string split, AttackResult outcome)
    {
        if (name == model && ++_attacks >= attacks)
        {
            _source.Cancel();
        }
    }

    public override void Message(string text) => Messages.Add(text);

    public void Dispose() => _source.Dispose();
}
