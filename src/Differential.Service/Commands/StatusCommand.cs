using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Queue;
using Differential.Service.Reporting;

namespace Differential.Service.Commands;

/// <summary><c>differential status</c>: the queue, or one job, read from the folders alone.</summary>
internal static class StatusCommand
{
    private static readonly JsonSerializerOptions Json = new(JobJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static Command Create()
    {
        var id = new Argument<string?>("id") { Description = "A job's id, or the start of it that no other has, or the folder of a frozen sweep; all jobs without it.", Arity = ArgumentArity.ZeroOrOne };
        id.CompletionSources.Add(JobIds.Complete);
        var command = new Command("status", "Tells what is queued, running, done and failed; of one job, its progress and latest metrics.")
        {
            id, SharedOptions.Root, SharedOptions.Json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetResult(SharedOptions.Root) is null && parsed.GetValue(id) is { } folder && SweepFolder.IsMeant(folder))
            {
                SweepStatus.Write(folder, parsed.GetValue(SharedOptions.Json), Console.Out);
                return ExitCode.Done;
            }

            ServiceRoot root = ServiceFolder.Find(parsed.GetValue(SharedOptions.Root));
            bool json = parsed.GetValue(SharedOptions.Json);
            if (parsed.GetValue(id) is { } job)
            {
                JobView view = JobIds.Find(root, job);
                Console.Out.WriteLine(json ? JsonSerializer.Serialize(view, Json) : Describe(view, new JobLookup(root)));
            }
            else
            {
                WriteAll(root, json, Console.Out);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteAll(ServiceRoot root, bool json, TextWriter output)
    {
        var lookup = new JobLookup(root);
        ILookup<JobState, JobView> active = lookup.Active().ToLookup(j => j.State);
        QueueSummary summary = lookup.Summary();
        var counts = new Counts(
            summary.Queued, active[JobState.Running].Count(), active[JobState.Interrupted].Count(), summary.Done, summary.Failed, summary.Cancelled, summary.Unreadable.Count);
        if (json)
        {
            IReadOnlyList<JobView> Latest(JobState state) => [.. summary.Latest.Where(j => j.State == state).Select(j => lookup.Find(j.Id)).OfType<JobView>()];
            var all = new Overview(
                root.Path, counts, lookup.Queued(), [.. active[JobState.Running]], [.. active[JobState.Interrupted]], Latest(JobState.Done), Latest(JobState.Failed), Latest(JobState.Cancelled), summary.Unreadable);
            output.WriteLine(JsonSerializer.Serialize(all, Json));
            return;
        }

        string unreadable = counts.Unreadable > 0 ? $", {counts.Unreadable} unreadable" : string.Empty;
        output.WriteLine($"{counts.Queued} queued, {counts.Running} running, {counts.Interrupted} interrupted, {counts.Done} done, {counts.Failed} failed, {counts.Cancelled} cancelled{unreadable}");
        foreach (JobView job in active[JobState.Running].Concat(active[JobState.Interrupted]).Concat(summary.Next.Select(lookup.QueuedView)).Concat(summary.Latest.Select(lookup.EndedView)))
        {
            output.WriteLine($"  {Describe(job, lookup)}");
        }

        foreach (string name in summary.Unreadable.Take(QueueSummary.Shown))
        {
            output.WriteLine($"  {name}");
        }
    }

    private static string Describe(JobView job, JobLookup lookup)
    {
        string line = $"{job.Id}  {job.State.ToText()}";
        line += job.State == JobState.Queued
            ? $" since {job.Since.UtcDateTime.ToString("u", CultureInfo.InvariantCulture)}, priority {job.Priority ?? 0}{Waits(job, lookup)}"
            : job.State == JobState.Interrupted ? " (goes on at the next start)"
            : job.Cancelling == true ? " (stops at its next step)" : string.Empty;
        if (job.Progress is { } progress)
        {
            string left = job.State == JobState.Running ? progress.ToText() : progress.Where;
            line += string.Create(CultureInfo.InvariantCulture, $", {Math.Floor(100 * progress.Fraction):0} %{(left.Length > 0 ? " · " + left : string.Empty)}");
        }

        if (job.Error is { } error)
        {
            return $"{line}: {error.Message}";
        }

        return job.Metrics is JsonObject metrics && job.State is JobState.Running or JobState.Interrupted or JobState.Done
            ? $"{line}: {string.Join(", ", MetricText.Of(metrics))}"
            : line;
    }

    // Only a job that is on its way needs no word: the others never come, or not yet.
    private static string Waits(JobView job, JobLookup lookup) => job.WaitsFor is { } waits
        ? $", waits for {string.Join(", ", waits.Select(id => lookup.StateOf(id) is JobState.Queued or JobState.Running ? id : $"{id} ({lookup.StateOf(id)?.ToText() ?? "unknown"})"))}"
        : string.Empty;

    private sealed record Counts(int Queued, int Running, int Interrupted, int Done, int Failed, int Cancelled, int Unreadable);

    private sealed record Overview(
        string Root,
        Counts Counts,
        IReadOnlyList<JobView> Queued,
        IReadOnlyList<JobView> Running,
        IReadOnlyList<JobView> Interrupted,
        IReadOnlyList<JobView> Done,
        IReadOnlyList<JobView> Failed,
        IReadOnlyList<JobView> Cancelled,
        IReadOnlyList<string> Unreadable);
}
