using System.Globalization;
using System.Text;
using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Files;
using Differential.Core.Training;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Observability;
using Differential.Service.Queue;
using Differential.Service.Runs;

namespace Differential.Service.Hosting;

/// <summary>Runs the jobs of the queue as <c>differential run</c> would, each in its folder below the root.</summary>
internal sealed class QueuedJobRunner(JobRunner runner, JobProcess process, ServiceRoot root, ServiceOptions options, ServiceMeter meter, LiveJobs live, TimeProvider time) : IJobRunner
{
    public string? ProgressOf(string runFolder)
    {
        // A sweep gets further with the checkpoints and results of its jobs.
        var text = new StringBuilder();
        AppendProgress(text, runFolder, Path.Combine(runFolder, "checkpoint"));
        string jobs = Path.Combine(runFolder, "jobs");
        foreach (string job in Directory.Exists(jobs) ? Directory.EnumerateDirectories(jobs).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            AppendProgress(text, runFolder, Path.Combine(job, "checkpoint"));
            if (File.Exists(Path.Combine(job, "result.json")))
            {
                text.Append(CultureInfo.InvariantCulture, $"{Path.GetFileName(job)} has ended\n");
            }
        }

        return text.Length == 0 ? null : text.ToString();
    }

    public bool IsFinished(string runFolder) => ResultFile.ReadHeader(Path.Combine(runFolder, "result.json")) is { Status: JobState.Done };

    public InputException? MistakeIn(string file, string source)
    {
        try
        {
            Read(file, source);
            return null;
        }
        catch (InputException exception)
        {
            return File.Exists(file) ? exception : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public Task<JobState> RunAsync(ActiveJob job, string? device, bool isAlone, IJobSignals signals)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(signals);
        return Task.FromResult(isAlone ? process.Run(job, device, signals.StopToken) : Run(job, device, signals));
    }

    private JobState Run(ActiveJob job, string? device, IJobSignals signals)
    {
        // Paths in a job are relative to where it was handed in, not to where the queue holds it.
        string source = JobTicket.Read(root, job.Id)?.Source ?? Path.GetFileName(job.File);
        if (FileStatus.Of(job.File, follow: false) is { Kind: not FileKind.Regular } other)
        {
            // It became one between the look at the folder and the claim.
            throw new InputException(source, "file", RegularFile.Describe(other.Kind), "a regular file");
        }

        JobFile file = Read(job.File, source);
        if (device is not null && file.Spec.Device == "auto")
        {
            file = file with { Spec = file.Spec with { Device = device } };
        }

        // A root that can't be written is no mistake of the job's: the queue is told as the system tells it.
        RunFolderProbe.Write(job.RunFolder);
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
                new CompositeObserver(new TelemetryObserver(job.Id, file.Spec.Kind, meter, live, time), new FaultObserver()),
                signals.StopToken);
            return JobState.Done;
        }
        catch (OperationCanceledException) when (signals.StopToken.IsCancellationRequested)
        {
            return signals.IsCancelled ? JobState.Cancelled : JobState.Interrupted;
        }
        catch (FolderHeldException exception)
        {
            throw new IOException(exception.Message);
        }
        catch (InputException exception) when (exception.File == job.RunFolder)
        {
            throw new IOException(exception.Message);
        }
    }

    private JobFile Read(string file, string source) => JobReader.Parse(ReadHeld(file, source), source, new PathPolicy(root.Incoming, options.AllowedRoots));

    // A held file that is not there went with the root: no mistake of the job's.
    private static byte[] ReadHeld(string file, string source)
    {
        try
        {
            return JobText.ReadBytes(file, source);
        }
        catch (InputException exception) when (exception.Found == JobText.NoSuchFile)
        {
            throw new FileNotFoundException($"{file}: {JobText.NoSuchFile}");
        }
    }

    private static void AppendProgress(StringBuilder text, string runFolder, string checkpoint)
    {
        foreach (string file in Directory.Exists(checkpoint) ? Directory.EnumerateFiles(checkpoint, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            string name = Path.GetFileName(file);
            if (!name.StartsWith("lock", StringComparison.Ordinal) && name != "run.json" && !name.StartsWith('.'))
            {
                text.Append(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(runFolder, file)} {File.GetLastWriteTimeUtc(file).Ticks}\n");
            }
        }
    }

    /// <summary>Where the tests strike in the middle of a job.</summary>
    private sealed class FaultObserver : JobObserver
    {
        public override void StepDone(string? model, StepReport report) => FaultPoint.Hit("step");
    }
}
