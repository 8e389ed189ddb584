using Differential.Core;
using Differential.Service.Cluster;
using Differential.Service.Cluster.Slurm;
using Differential.Service.Hosting;
using Differential.Service.Jobs;

namespace Differential.Service.Commands;

/// <summary>What <c>differential cancel</c> does of a frozen sweep: takes its arrays out of Slurm, for good.</summary>
internal static class SweepCancellation
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static int Cancel(string folder, TextWriter output)
    {
        FrozenSweep sweep = FrozenSweep.Open(folder);
        if (Submission.Read(sweep) is not { Rounds: [.., var round] } submission)
        {
            throw new InputException(folder, string.Empty, "a sweep that was not handed in to Slurm", "allowed: the --output of differential slurm; what was started by other means is stopped by these");
        }

        var slurm = new SlurmCommands(Patience);

        // A call that broke off may have left an array whose id it did not write down.
        IEnumerable<string> unknown = round.Arrays.Where(a => a.Id is null).Select(a => a.Name).Append(round.Collect.Id is null ? round.Collect.Name : null).OfType<string>();
        string[] ids = [.. submission.Rounds.SelectMany(r => r.Ids).Concat(unknown.SelectMany(slurm.Named)).Distinct()];
        string[] alive = [.. slurm.Elements(ids).Where(e => !e.IsOver).Select(e => e.Id).Distinct()];
        if (alive.Length == 0)
        {
            output.WriteLine("Slurm has none of it any more.");
        }
        else
        {
            slurm.Cancel(alive);
            output.WriteLine($"Cancelled: {string.Join(", ", alive)}. What runs writes a checkpoint and stops; 'differential slurm' goes on with it.");
        }

        IReadOnlyList<TaskView> jobs = SweepFiles.Look(sweep);
        output.WriteLine($"{jobs.Count(j => j.State == TaskState.Done)} of {jobs.Count} jobs are done.");
        return ExitCode.Done;
    }
}
