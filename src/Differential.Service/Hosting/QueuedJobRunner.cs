using System.Globalization;
using System.Text;
using Differential.Core.Data;
using Differential.Service.Jobs.Reading;
using Differential.Service.Jobs.Results;
using Differential.Service.Jobs.Running;
using Differential.Service.Queue;

namespace Differential.Service.Hosting;

/// <summary>Runs the jobs of the queue as <c>differential run</c> would, each in its folder below the root.</summary>
internal sealed class QueuedJobRunner(JobRunner runner, ServiceRoot root, ServiceOptions options) : IJobRunner
{
    public string? ProgressOf(string runFolder)
    {
        string checkpoint = Path.Combine(runFolder, "checkpoint");
        if (!Directory.Exists(checkpoint))
        {
            return null;
        }

        var text = new StringBuilder();
        foreach (string file in Directory.EnumerateFiles(checkpoint, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(file);
            if (!name.StartsWith("lock", StringComparison.Ordinal) && name != "run.json" && !name.StartsWith('.'))
            {
                text.Append(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(checkpoint, file)} {File.GetLastWriteTimeUtc(file).Ticks}\n");
            }
        }

        return text.Length == 0 ? null : text.ToString();
    }

    public bool IsFinished(string runFolder) => ResultFile.ReadHeader(Path.Combine(runFolder, "result.json")) is { Status: RunStatus.Done };

    public Task<Queue.JobOutcome> RunAsync(ActiveJob job, string? device, IJobSignals signals)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(signals);

        // Paths in a job are relative to where it was handed in, not to where the queue holds it.
        string source = JobTicket.Read(root, job.Id)?.Source ?? Path.GetFileName(job.File);
        JobFile file = JobReader.Parse(JobText.ReadBytes(job.File, source), source, new PathPolicy(root.Incoming, options.AllowedRoots));
        if (device is not null && file.Spec.Device == "auto")
        {
            file = file with { Spec = file.Spec with { Device = device } };
        }

        try
        {
            runner.Run(
                new JobRequest
                {
                    Job = file,
                    Id = job.Id,
                    Folder = job.RunFolder,
                    Owner = Path.GetFileName(Path.GetDirectoryName(job.File)),
                    IsCancelled = () => signals.IsCancelled,
                },
                new NullObserver(),
                signals.StopToken);
            return Task.FromResult(Queue.JobOutcome.Done);
        }
        catch (OperationCanceledException) when (signals.StopToken.IsCancellationRequested)
        {
            return Task.FromResult(signals.IsCancelled ? Queue.JobOutcome.Cancelled : Queue.JobOutcome.Interrupted);
        }
    }

    /// <summary>The log and the metrics file tell everything.</summary>
    private sealed class NullObserver : JobObserver;
}
