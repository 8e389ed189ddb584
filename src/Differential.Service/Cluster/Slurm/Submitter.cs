using Differential.Core;
using Differential.Core.Files;
using Differential.Service.Jobs;
using Differential.Service.Runs;

namespace Differential.Service.Cluster.Slurm;

/// <summary>What a submission is to be.</summary>
/// <param name="Program">This program, with what stands before its arguments.</param>
/// <param name="Options">For sbatch, unchanged.</param>
/// <param name="Parallel">Most jobs at a time; null for no limit.</param>
/// <param name="Exact">Whether going on elsewhere is refused.</param>
internal sealed record SubmissionRequest(IReadOnlyList<string> Program, IReadOnlyList<string> Options, int? Parallel, bool Exact);

/// <summary>What a call did.</summary>
/// <param name="Round">The arrays that stand for the sweep now; null where every job is done.</param>
/// <param name="Tasks">How many jobs were handed in by this call.</param>
/// <param name="IsNew">Whether this call handed anything in.</param>
internal sealed record SubmissionOutcome(SubmissionRound? Round, int Tasks, bool IsNew);

/// <summary>
/// Hands a frozen sweep in to Slurm. Each step's name is on disk before the step, and its id behind it: a call that broke off is gone on with by
/// the next one, which finds by the name what Slurm has taken already.
/// </summary>
internal sealed class Submitter(FrozenSweep sweep, SubmissionRequest request, SlurmCommands slurm)
{
    private string Folder => Submission.FolderOf(sweep);

    private string TaskFile => Path.Combine(Folder, "task.sh");

    private string CollectFile => Path.Combine(Folder, "collect.sh");

    /// <summary>Writes the scripts.</summary>
    /// <exception cref="InputException">They can't be written.</exception>
    public void WriteScripts()
    {
        try
        {
            Directory.CreateDirectory(Path.Combine(Folder, "logs"));
            DurableFile.WriteText(TaskFile, TaskScript.OfTask(request.Program, sweep.Folder, request.Exact));
            DurableFile.WriteText(CollectFile, TaskScript.OfCollect(request.Program, sweep.Folder));
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            throw new InputException(sweep.Folder, string.Empty, $"the folder can't be written ({exception.Message.TrimEnd('.')})", "allowed: a folder that can be written, from every node");
        }
    }

    /// <summary>Hands in what is not done, where it is not in Slurm's hands already.</summary>
    /// <exception cref="SlurmException">Slurm refuses, or does not answer.</exception>
    /// <exception cref="FolderHeldException">Another call is at it.</exception>
    /// <exception cref="InputException">The folder is not right, or there is no Slurm.</exception>
    public SubmissionOutcome Submit()
    {
        WriteScripts();
        using FileLock turn = Take();
        Submission submission = Submission.Read(sweep) ?? new Submission(sweep.Id, []);
        if (submission.Rounds is [.., var last])
        {
            SubmissionRound known = last;
            if (!last.IsComplete)
            {
                known = Complete(submission, last, isNew: false, out int handedIn);
                if (handedIn > 0 || IsAlive(known))
                {
                    return new SubmissionOutcome(known, handedIn, handedIn > 0);
                }
            }
            else if (IsAlive(last))
            {
                return new SubmissionOutcome(last, 0, false);
            }

            submission = submission with { Rounds = [.. submission.Rounds.SkipLast(1), known] };
        }

        int[] left = [.. SweepFiles.Look(sweep).Where(t => t.State is not (TaskState.Done or TaskState.Running)).Select(t => t.Job.Number)];
        if (left.Length == 0)
        {
            return new SubmissionOutcome(null, 0, false);
        }

        SubmissionRound round = SubmissionRound.Plan(Title, left, slurm.MaxArraySize(), request.Parallel, request.Options);
        submission = submission with { Rounds = [.. submission.Rounds, round] };
        submission.Write(sweep);
        round = Complete(submission, round, isNew: true, out int tasks);
        return new SubmissionOutcome(round, tasks, true);
    }

    /// <summary>The commands by which all jobs would be handed in, as a shell reads them.</summary>
    public IReadOnlyList<string> Commands()
    {
        SubmissionRound round = SubmissionRound.Plan(Title, [.. sweep.Tasks.Select(j => j.Number)], slurm.MaxArraySize(), request.Parallel, request.Options);
        var commands = new List<string>();
        string? before = null;
        for (int i = 0; i < round.Arrays.Count; i++)
        {
            commands.Add($"array{i + 1}=$({Shell(ArgumentsOf(round, round.Arrays[i], before))})");
            before = $"$array{i + 1}";
        }

        commands.Add(Shell(ArgumentsOf(round, [.. round.Arrays.Select((_, i) => $"$array{i + 1}")])));
        return commands;
    }

    // The ids are variables of the shell; whatever else is in a word is quoted.
    private static string Shell(IReadOnlyList<string> arguments) => "sbatch " + string.Join(' ', arguments.Select(a =>
        a.Contains("afterany:$", StringComparison.Ordinal) ? a : TaskScript.Quote(a)));

    private string Title => JobIdentity.FolderName(sweep.Spec, sweep.Id);

    private SubmissionRound Complete(Submission submission, SubmissionRound round, bool isNew, out int handedIn)
    {
        handedIn = 0;
        string? before = null;
        for (int i = 0; i < round.Arrays.Count; i++)
        {
            SubmittedArray array = round.Arrays[i];
            if (array.Id is null)
            {
                string? id = isNew ? null : Find(array.Name);
                if (id is null)
                {
                    id = slurm.Submit(ArgumentsOf(round, array, before));
                    handedIn += array.Tasks.Count();
                }

                array = array with { Id = id };
                round = round with { Arrays = [.. round.Arrays.Take(i), array, .. round.Arrays.Skip(i + 1)] };
                Save(submission, round);
            }

            before = array.Id;
        }

        if (round.Collect.Id is null)
        {
            string id = (isNew ? null : Find(round.Collect.Name)) ?? slurm.Submit(ArgumentsOf(round, [.. round.Arrays.Select(a => a.Id!)]));
            round = round with { Collect = round.Collect with { Id = id } };
            Save(submission, round);
        }

        return round;
    }

    private string? Find(string name) => slurm.Named(name) is [.., var id] ? id : null;

    private void Save(Submission submission, SubmissionRound round) => (submission with { Rounds = [.. submission.Rounds.SkipLast(1), round] }).Write(sweep);

    private bool IsAlive(SubmissionRound round) => slurm.Elements([.. round.Arrays.Select(a => a.Id).OfType<string>()]).Any(e => !e.IsOver);

    private IReadOnlyList<string> ArgumentsOf(SubmissionRound round, SubmittedArray array, string? before)
    {
        string limit = round.Parallel is { } most ? $"%{most}" : string.Empty;

        // Two arrays at a time would run twice as many jobs as are allowed.
        string[] behind = before is not null && round.Parallel is not null ? [$"--dependency=afterany:{before}"] : [];
        return ["--parsable", $"--output={Logs("%A_%a")}", .. round.Options, $"--job-name={array.Name}", $"--array={array.Indices}{limit}", .. behind, TaskFile, $"{array.Offset}"];
    }

    // However the jobs end: "afterok" would wait forever behind one that failed.
    private IReadOnlyList<string> ArgumentsOf(SubmissionRound round, IReadOnlyList<string> arrays) =>
        ["--parsable", $"--output={Logs("collect_%j")}", .. round.Options, $"--job-name={round.Collect.Name}", $"--dependency=afterany:{string.Join(':', arrays)}", CollectFile];

    // Slurm replaces what follows a per cent sign in a log's name.
    private string Logs(string name) => $"{Path.Combine(Folder, "logs").Replace("%", "%%", StringComparison.Ordinal)}/{name}.out";

    private FileLock Take()
    {
        SharedFolder.Check(sweep.Folder);
        try
        {
            return FileLock.TryTake(Path.Combine(Folder, "lock")) ?? throw new FolderHeldException(sweep.Folder);
        }
        catch (NoFileLocksException exception)
        {
            throw SharedFolder.Mistake(sweep.Folder, exception);
        }
    }
}
