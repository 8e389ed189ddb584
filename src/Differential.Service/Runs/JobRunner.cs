using System.Text.Json;
using Differential.Core;
using Differential.Core.Files;
using Differential.Core.Training;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Observability;
using Microsoft.Extensions.Logging;
using Serilog.Core;
using Serilog.Extensions.Logging;

namespace Differential.Service.Runs;

/// <summary>Runs one job in its folder: checks it, goes on from a checkpoint that is there, writes the result.</summary>
internal sealed class JobRunner(JobHandlers handlers, DeviceOpener devices, ServiceMeter meter, Rapl rapl, NvmlLibrary nvml, TimeProvider time, Serilog.ILogger logger)
{
    /// <exception cref="InputException">The job, its data or model, the device, its memory or the folder is not right.</exception>
    /// <exception cref="FolderHeldException">The folder is another process's, or was taken over by a newer attempt; nothing more was written.</exception>
    /// <exception cref="DeviceLostException">The device failed; the checkpoint is kept, and the same request goes on from it.</exception>
    /// <exception cref="OperationCanceledException">Interrupted; the same request goes on from the checkpoint.</exception>
    public JobReport Run(JobRequest request, JobObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        JobSpec spec = request.Job.Spec;
        string id = request.Id ?? JobIdentity.IdOf(spec);
        IPreparedJob job = handlers.Prepare(request.Job);
        DeviceInfo info = request.Parent?.Device.Info ?? devices.Find(spec.Device, request.DeviceSource?.File ?? request.Job.File, request.DeviceSource?.Place ?? "$.device");
        DeviceOpener.CheckPrecision(info, spec.Precision, request.Job.File);
        using RunFolder? opened = request.Held is null ? RunFolder.Open(request.Folder, request.Owner) : null;
        RunFolder folder = opened ?? request.Held!;
        var notes = new List<string>();
        RunState state = Begin(request, folder, id, TrainingOrigin.Of(info), notes, out bool resumed);
        id = state.Id;
        using Logger runLogger = RunLog.Create(request.Parent is null ? logger : null, folder.Log, id);
        using var factory = new SerilogLoggerFactory(runLogger);
        using ComputeDevice? own = request.Parent is null ? devices.Open(info, spec.Precision, spec.Convolution, factory.CreateLogger<JobRunner>()) : null;
        using IDisposable? watched = own is null ? null : meter.Watch(own);
        ComputeDevice device = own ?? request.Parent!.Device;
        using var metrics = new MetricsLog(folder.Metrics, time, spec.Tensorboard ? new TensorBoardLog(folder.TensorBoard) : null);
        List<JobObserver> observers = [metrics, new LogObserver(runLogger.ForContext<LogObserver>()), .. request.Parent is null ? (JobObserver[])[new ProgressFile(folder.Progress, time), new TraceObserver(spec.Kind, time)] : [], observer];
        var progress = new ProgressObserver(job.Plan, time, new CompositeObserver(observers));
        var all = new CompositeObserver([.. observers, progress]);
        using ResourceWatch? resources = own is null ? null : new ResourceWatch(own, rapl, nvml.Library);
        var run = new Attempt(this, spec, id, folder, info, state, time.GetTimestamp(), all, resources);
        DurableFile.WriteText(folder.Job, JsonSerializer.Serialize(spec with { Device = info.Id }, JobJson.Options) + "\n");
        folder.WriteState(state);
        run.Change(JobState.Running, resumed: resumed);
        foreach (string warning in request.Job.Warnings ?? [])
        {
            all.Warning(warning);
        }

        foreach (string note in notes)
        {
            all.Message(note);
        }

        try
        {
            JobOutcome outcome = job.Run(new JobContext
            {
                Id = id,
                Owner = request.Owner,
                Spec = spec,
                Folder = folder,
                Device = device,
                Observer = all,
                Metrics = () => metrics.Lines,
                Cancellation = cancellation,
                Guard = request.Attempt is { } attempt ? attempt.Check : null,
                KeepsPart = request.KeepsPart,
                Header = () => run.Header(JobState.Done, null),
                RunPart = (part, told) => Run(part, told, cancellation),
            });
            progress.Finish();
            request.Attempt?.Check();
            RunHeader header = run.Header(JobState.Done, null);
            ResultFile.Write(folder.Result, header, outcome);
            folder.ClearCheckpoint();
            ProgressFile.Remove(folder.Progress);
            run.Change(JobState.Done);
            return new JobReport(header, outcome, folder.Path);
        }
        catch (FolderHeldException)
        {
            run.Change(JobState.Interrupted);
            throw;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            request.Attempt?.Check();
            folder.WriteState(state with { Seconds = run.Seconds, Resources = run.Resources });
            if (request.IsCancelled?.Invoke() == true)
            {
                ResultFile.Write(folder.Result, run.Header(JobState.Cancelled, null), null);
                ProgressFile.Remove(folder.Progress);
                run.Change(JobState.Cancelled);
            }
            else
            {
                run.Change(JobState.Interrupted);
            }

            throw;
        }
        catch (Exception exception)
        {
            runLogger.Debug(exception, "Job {Id} failed", id);
            request.Attempt?.Check();
            InputException? mistake = DeviceShortage.MistakeOf(exception, request.Job.File);
            run.Fail(mistake ?? exception);
            if (mistake is not null)
            {
                throw mistake;
            }

            throw;
        }
    }

    /// <summary>Decides between a fresh start and going on, and clears the folder for the former.</summary>
    private RunState Begin(JobRequest request, RunFolder folder, string id, TrainingOrigin origin, List<string> notes, out bool resumed)
    {
        RunState? earlier = folder.ReadState();
        RunHeader? result = ResultFile.ReadHeader(folder.Result);
        resumed = false;
        if (request.Id is null && earlier?.Id == JobIdentity.EarlierIdOf(request.Job.Spec))
        {
            // A run keeps the id that it began with.
            id = earlier.Id;
        }

        if (!request.Fresh)
        {
            if (earlier is not null && earlier.Id != id)
            {
                throw new InputException(
                    request.Folder, string.Empty, $"the folder of another job's run ({earlier.Id}, this one is {id})", "allowed: an empty folder, or --fresh to replace the run");
            }

            if (earlier is not null && result?.Status != JobState.Done)
            {
                if (earlier.Origins.LastOrDefault(o => o != origin) is { } elsewhere)
                {
                    notes.Add(GoesOnElsewhere(request, elsewhere, origin));
                }

                resumed = true;
                File.Delete(folder.Result);
                return earlier with { Origins = [.. earlier.Origins.Where(o => o != origin), origin] };
            }
        }

        if (result?.Status == JobState.Done)
        {
            notes.Add($"This folder held a finished run; the job runs again, and the earlier result is kept as {Path.GetFileName(folder.PreviousResult)}");
            File.Move(folder.Result, folder.PreviousResult, overwrite: true);
        }

        // Jobs that ran by themselves have left no state of the sweep: they are not done again.
        folder.Clear(withJobs: request.Fresh || (earlier is not null && result?.Status == JobState.Done));
        return new RunState(id, time.GetUtcNow(), 0) { Origins = [origin] };
    }

    private static string GoesOnElsewhere(JobRequest request, TrainingOrigin earlier, TrainingOrigin now) => request.Exact
        ? throw new InputException(
            request.Folder, "checkpoint", $"a checkpoint of {earlier}; this is {now}, where the result has other bits", "the same version, device and vector width with --exact; --fresh starts anew")
        : $"Going on from a checkpoint of {earlier}; this is {now}: the result has other bits than a run in one place";

    /// <summary>One process's work on a run.</summary>
    private sealed record Attempt(
        JobRunner Runner, JobSpec Spec, string Id, RunFolder Folder, DeviceInfo Device, RunState State, long Start, JobObserver Observer, ResourceWatch? Watch)
    {
        public RunResources? Resources => Watch?.Now().With(State.Resources);

        public double Seconds => State.Seconds + Runner.Elapsed(Start).TotalSeconds;

        public void Change(JobState state, string? error = null, bool resumed = false) =>
            Observer.StateChanged(new JobStateChange(Id, Spec.Title, state, Device.Id, Folder.Path, error, resumed));

        public RunHeader Header(JobState status, string? error) => new()
        {
            Kind = Spec.Kind,
            Name = Spec.Title,
            Id = Id,
            Status = status,
            Seed = Spec.Seed,
            Device = new RunDevice(Device.Kind, Device.Name, Spec.Precision) { VectorBits = Device.VectorBits },
            Program = TrainingOrigin.CurrentProgram,
            Origins = State.Origins.Count > 1 ? State.Origins : null,
            Started = State.Started,
            Finished = Runner.Now,
            Seconds = Seconds,
            Resources = Resources,
            Error = error,
        };

        /// <summary>Notes why the job failed; a disk that is full must not hide the reason itself.</summary>
        public void Fail(Exception exception)
        {
            string error = exception.Message.ReplaceLineEndings(" ");
            try
            {
                Folder.WriteState(State with { Seconds = Seconds, Resources = Resources });
                ResultFile.Write(Folder.Result, Header(JobState.Failed, error), null);
            }
            catch (Exception second) when (second is IOException or UnauthorizedAccessException)
            {
                Observer.Message($"The failure could not be written to {Folder.Path}: {second.Message}");
            }

            ProgressFile.Remove(Folder.Progress);
            Change(JobState.Failed, error);
        }
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private TimeSpan Elapsed(long start) => time.GetElapsedTime(start);
}
