using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Differential.Core;
using Differential.Service.Cluster;
using Differential.Service.Cluster.Slurm;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Sweep;
using Differential.Service.Reporting;

namespace Differential.Service.Commands;

/// <summary>What <c>differential status</c> says of a frozen sweep: the state of each job by its files, and Slurm's own word beside it.</summary>
internal static class SweepStatus
{
    /// <summary>How long Slurm is waited for: what the files say needs none of it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly JsonSerializerOptions Json = new(JobJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static void Write(string folder, bool json, TextWriter output)
    {
        FrozenSweep sweep = FrozenSweep.Open(folder);
        IReadOnlyList<TaskView> jobs = SweepFiles.Look(sweep);
        IReadOnlyDictionary<int, string>? slurm = AskSlurm(sweep);
        Line[] lines = [.. jobs.Select(j => new Line(
            j.Job.Number, j.Job.Fields, j.State, j.Attempts, j.Host, j.Epoch, slurm is null ? null : slurm.GetValueOrDefault(j.Job.Number, "-"), j.Header?.Error))];
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new View(sweep.Folder, sweep.Spec.Title, sweep.Id, sweep.Spec.Device, Count(jobs), lines), Json));
            return;
        }

        output.WriteLine($"{sweep.Spec.Kind} {sweep.Spec.Title} ({sweep.Id}) on {sweep.Spec.Device}, {jobs.Count} jobs: {string.Join(", ", Count(jobs).Select(c => $"{c.Value} {c.Key}"))}");
        string[] fields = [.. jobs[0].Job.Fields.Keys];
        TextTable.Write(
            output,
            ["job", .. fields, "status", "attempts", "epoch", .. slurm is null ? Array.Empty<string>() : ["slurm"]],
            lines.Select(l => (string[])
            [
                Text(l.Number), .. fields.Select(f => SweepReport.Text(l.Fields[f])), l.Status.ToText(), Text(l.Attempts), l.Epoch is { } epoch ? Text(epoch) : "-",
                .. l.Slurm is null ? Array.Empty<string>() : [l.Slurm],
            ]));
        foreach (Line failed in lines.Where(l => l.Error is not null))
        {
            output.WriteLine($"{failed.Number}: {failed.Error}");
        }
    }

    private static Dictionary<string, int> Count(IReadOnlyList<TaskView> jobs)
    {
        TaskState[] always = [TaskState.Waiting, TaskState.Running, TaskState.Interrupted, TaskState.Done, TaskState.Failed];
        return always.Concat(jobs.Select(j => j.State)).Distinct().ToDictionary(s => s.ToText(), s => jobs.Count(j => j.State == s));
    }

    /// <summary>Slurm's word on each job, by number; null where nothing was handed in, or Slurm can't be asked.</summary>
    private static Dictionary<int, string>? AskSlurm(FrozenSweep sweep)
    {
        if (Submission.Read(sweep) is not { } submission || submission.Elements() is not { Count: > 0 } elements)
        {
            return null;
        }

        try
        {
            string[] ids = [.. submission.Rounds.SelectMany(r => r.Arrays).Select(a => a.Id).OfType<string>()];
            Dictionary<(string Id, int Index), string> states = [];
            foreach (SlurmElement element in new SlurmCommands(Patience).Elements(ids).Where(e => e.Index is not null))
            {
                states[(element.Id, element.Index!.Value)] = element.Text;
            }

            return elements.Where(e => states.ContainsKey(e.Value)).ToDictionary(e => e.Key, e => states[e.Value]);
        }
        catch (Exception exception) when (exception is SlurmException or InputException)
        {
            Console.Error.WriteLine($"Slurm's own states are not known: {exception.Message}");
            return null;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Line(
        int Number, IReadOnlyDictionary<string, JsonElement> Fields, TaskState Status, int Attempts, string? Host, int? Epoch, string? Slurm, string? Error);

    private sealed record View(string Folder, string Name, string Id, string Device, IReadOnlyDictionary<string, int> Counts, IReadOnlyList<Line> Jobs);
}
