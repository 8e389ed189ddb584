using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Progress;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Sweep;

/// <summary>Runs a sweep's jobs in folders of their own, each as <c>differential run</c> would. One that fails does not stop the others.</summary>
internal sealed class SweepHandler : IJobHandler<SweepSpec>
{
    public IPreparedJob Prepare(SweepSpec spec, string file, JobHandlers handlers)
    {
        IReadOnlyList<SweepJob> jobs = SweepExpansion.Expand(spec, file);

        // The first stands for all: their data and models are looked at when their turn comes.
        handlers.Prepare(jobs[0].File);
        return new Prepared(jobs);
    }

    /// <summary>Of every job whose data, model or network differs from those of the jobs before it.</summary>
    public IReadOnlyList<InputException> Mistakes(SweepSpec spec, string file, JobHandlers jobs) =>
        [.. SweepExpansion.Expand(spec, file).DistinctBy(static job => Inputs(job.File.Spec)).SelectMany(job => jobs.Mistakes(job.File))];

    /// <summary>What a job reads and builds: all of it but what only decides how it is trained and what it is called.</summary>
    private static string Inputs(JobSpec spec)
    {
        JsonObject fields = JsonSerializer.SerializeToNode(spec, JobJson.Line)!.AsObject();
        foreach (string name in (string[])["name", "seed", "epochs", "optimizer", "loss"])
        {
            fields.Remove(name);
        }

        return fields.ToJsonString();
    }

    private sealed class Prepared(IReadOnlyList<SweepJob> jobs) : IPreparedJob
    {
        public JobPlan Plan => new([.. jobs.Select((job, i) => new JobPhase(PhaseOf(i), JobPhases.Weight(job.File.Spec)))]);

        public JobOutcome Run(JobContext context)
        {
            var rows = new List<SweepRow>();
            foreach (SweepJob job in jobs)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                rows.Add(RunOne(job, context));
            }

            if (rows.TrueForAll(r => r.Status == TaskState.Failed))
            {
                throw new InvalidOperationException($"every one of the {rows.Count} jobs failed; the first: {rows[0].Error}");
            }

            var outcome = new SweepOutcome { Jobs = rows };
            SweepReport.Write(context, outcome);
            return outcome;
        }

        private static PhaseId PhaseOf(int index) => new(PhaseKind.Job, Index: index);

        private static SweepRow RunOne(SweepJob job, JobContext context)
        {
            string number = job.Number.ToString(CultureInfo.InvariantCulture);
            string folder = Path.Combine(context.Folder.Jobs, number);
            string result = Path.Combine(folder, "result.json");
            string? error = null;
            string id = $"{context.Id}-{number}";
            if (ResultFile.ReadHeader(result) is { Status: JobState.Done or JobState.Failed } ended && ended.Id == id)
            {
                context.Observer.Message($"Job {number} has ended already");
            }
            else
            {
                try
                {
                    context.Observer.PhaseBegan(PhaseOf(job.Number - 1));
                    var request = new JobRequest { Job = job.File, Id = id, Folder = folder, Owner = context.Owner, Parent = context };
                    context.RunPart(request, new SweepObserver(context.Observer, $"job-{number}"));
                }
                catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
                {
                    throw;
                }
                catch (DeviceLostException)
                {
                    // No job's own fault, and no job after this one would get further: this one goes on when the sweep does.
                    File.Delete(result);
                    throw;
                }
                catch (Exception exception) when (exception is not (IOException or OutOfMemoryException or FolderHeldException))
                {
                    error = exception.Message.ReplaceLineEndings(" ");
                    context.Observer.Message($"Job {number} failed: {error}");
                }
            }

            RunHeader? header = ResultFile.ReadHeader(result);
            return SweepRow.Of(new SweepTask(job.Number, job.Fields), header is null ? TaskState.Failed : TaskStates.OfEnd(header.Status), result, header, error);
        }
    }
}
