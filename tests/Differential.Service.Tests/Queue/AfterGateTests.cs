using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Tests.Queue;

/// <summary>Which ends of the jobs that one waits for let it start, and which never will.</summary>
public sealed class AfterGateTests
{
    [Theory]
    [InlineData(JobState.Done, true, false)]
    [InlineData(JobState.Failed, false, true)]
    [InlineData(JobState.Cancelled, false, true)]
    [InlineData(JobState.Queued, false, false)]
    public void Look_HowTheOtherEnded_DecidesWhetherItMayStart(JobState state, bool opens, bool breaks)
    {
        using var folder = new QueueFolder();
        folder.Drop("later.json", """{"kind":"train","after":["first"]}""", DateTime.UtcNow.AddMinutes(-1));
        string? ended = state switch
        {
            JobState.Done => folder.Root.Done,
            JobState.Failed => folder.Root.Failed,
            JobState.Cancelled => folder.Root.Cancelled,
            _ => null,
        };
        if (ended is not null)
        {
            File.WriteAllText(ServiceRoot.JobFile(ended, "first"), "{}");
        }

        IncomingJob job = Assert.Single(folder.Scan().Ready);
        var gate = new AfterGate(folder.Root, TimeProvider.System);
        gate.Look([job], isNew: true);

        Assert.Equal((opens, breaks ? "first" : null), (gate.IsOpen(job), gate.Broken(job)));
    }
}
