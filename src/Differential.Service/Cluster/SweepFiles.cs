using System.Text.Json;
using Differential.Core.Files;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Runs;

namespace Differential.Service.Cluster;

/// <summary>Where a sweep's job stands.</summary>
/// <param name="Job">The job.</param>
/// <param name="State">By its files alone.</param>
/// <param name="Header">The common fields of its result; null where there is none.</param>
/// <param name="Attempts">How often it was begun by itself.</param>
/// <param name="Host">Where it was begun last; null where it was not.</param>
/// <param name="Epoch">The last epoch that it has finished; null where there is none.</param>
internal sealed record TaskView(SweepTask Job, TaskState State, RunHeader? Header, int Attempts, string? Host, int? Epoch);

/// <summary>What the files of a frozen sweep say. No device is opened, and no scheduler is asked.</summary>
internal static class SweepFiles
{
    /// <summary>Folders looked at side by side: on a network file system each look waits for the server.</summary>
    private const int SideBySide = 8;

    private const int LongestLine = 1 << 14;

    /// <summary>Every job, in order.</summary>
    public static IReadOnlyList<TaskView> Look(FrozenSweep sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        return [.. sweep.Tasks.AsParallel().AsOrdered().WithDegreeOfParallelism(SideBySide).Select(job => Look(sweep, job))];
    }

    /// <summary>One job.</summary>
    public static TaskView Look(FrozenSweep sweep, SweepTask job)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        ArgumentNullException.ThrowIfNull(job);
        string folder = sweep.TaskFolder(job.Number);
        if (!Directory.Exists(folder))
        {
            return new TaskView(job, TaskState.Waiting, null, 0, null, null);
        }

        RunHeader? header = HeaderOf(sweep, job);
        bool isHeld = header is null && IsHeld(folder);

        // It may have ended between the two looks.
        header ??= isHeld ? null : HeaderOf(sweep, job);
        AttemptRecord? attempt = RunAttempt.Read(folder);
        TaskState state = header is not null ? TaskStates.OfEnd(header.Status)
            : isHeld ? TaskState.Running
            : RunFolder.IsStarted(folder) ? TaskState.Interrupted
            : TaskState.Waiting;
        return new TaskView(job, state, header, attempt?.Number ?? 0, attempt?.Host, EpochOf(Path.Combine(folder, "metrics.jsonl")));
    }

    /// <summary>The device that a job names, as results describe it, where none was opened.</summary>
    public static RunDevice DeviceOf(JobSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        DeviceKind kind = spec.Device.Split(':')[0] switch
        {
            "cuda" => DeviceKind.Cuda,
            "opencl" => DeviceKind.OpenCl,
            "ilgpu-cpu" => DeviceKind.IlgpuCpu,
            _ => DeviceKind.Simd,
        };
        return new RunDevice(kind, spec.Device, spec.Precision);
    }

    private static RunHeader? HeaderOf(FrozenSweep sweep, SweepTask job) =>
        ResultFile.ReadHeader(Path.Combine(sweep.TaskFolder(job.Number), "result.json")) is { } header && header.Id == sweep.TaskId(job.Number) ? header : null;

    private static bool IsHeld(string folder)
    {
        try
        {
            return RunFolder.IsHeld(folder);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            // It can't be told; what can be is that it was started.
            return false;
        }
    }

    private static int? EpochOf(string metrics)
    {
        try
        {
            if (!File.Exists(metrics))
            {
                return null;
            }

            using FileStream stream = RegularFile.OpenRead(metrics);
            stream.Seek(-Math.Min(stream.Length, LongestLine), SeekOrigin.End);
            using StreamReader reader = new(stream);
            string? last = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault(l => l.Contains("\"epoch\":", StringComparison.Ordinal));
            if (last is null)
            {
                return null;
            }

            using var line = JsonDocument.Parse(last);
            return line.RootElement.TryGetProperty("epoch", out JsonElement epoch) && epoch.TryGetInt32(out int number) ? number : null;
        }
        catch (Exception exception) when (exception is JsonException || SystemError.IsOfFiles(exception))
        {
            return null;
        }
    }
}
