using System.CommandLine;
using System.CommandLine.Parsing;
using Differential.Core;
using Differential.Kernels.Devices;
using Differential.Service.Cluster;
using Differential.Service.Cluster.Slurm;
using Differential.Service.Hosting;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Commands;

/// <summary><c>differential slurm</c>: a sweep as a job array.</summary>
internal static class SlurmCommand
{
    private const int MostParallel = 1_000_000;

    /// <summary>How long sbatch may take: a busy controller lets it try again for minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static Command Create()
    {
        var file = new Argument<string>("sweep") { Description = "The job file of a sweep, or of a comparison with several networks." };
        var options = new Argument<string[]>("sbatch-options") { Description = "What stands behind -- goes to sbatch unchanged.", Arity = ArgumentArity.ZeroOrMore };
        var output = new Option<string?>("--output") { Description = "The sweep's folder, seen by every node. It is frozen there: a later change of the job file changes nothing." };
        Option<int?> parallel = WholeNumber.Between("--parallel", "Most jobs at a time.", 1, MostParallel);
        var print = new Option<bool>("--print") { Description = "Freezes the sweep, prints the script and the commands, and hands nothing in." };
        var command = new Command("slurm", "Hands a sweep in to Slurm as a job array, each job a task that goes on after preemption, requeue and time limit, and a job behind it that collects. The same command again hands in what is not done, and nothing twice.")
        {
            file, output, SharedOptions.Device, parallel, print, SharedOptions.Exact, options,
        };
        command.SetAction(parsed =>
        {
            string[] sbatch = parsed.GetValue(options) ?? [];
            Check(parsed, sbatch);
            string folder = parsed.GetValue(output) ?? throw new InputException("arguments", "--output", "none given", "allowed: a folder that every node sees");
            JobFile job = JobReader.Read(parsed.GetValue(file)!);
            (string device, string? why) = DeviceOf(SharedOptions.Read(parsed).Device ?? job.Spec.Device, folder, sbatch);
            FrozenSweep sweep = FrozenSweep.Freeze(job with { Spec = job.Spec with { Device = device } }, folder);
            foreach (string warning in job.Warnings ?? [])
            {
                Console.Error.WriteLine(warning);
            }

            if (why is not null)
            {
                Console.Error.WriteLine(why);
            }

            var request = new SubmissionRequest(Program(), sbatch, parsed.GetValue(parallel), parsed.GetValue(SharedOptions.Exact));
            var submitter = new Submitter(sweep, request, new SlurmCommands(Patience));
            if (parsed.GetValue(print))
            {
                submitter.WriteScripts();
                Print(sweep, request, submitter.Commands(), Console.Out);
            }
            else
            {
                Say(sweep, submitter.Submit(), Console.Out);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Check(ParseResult parsed, string[] sbatch)
    {
        // Without the dashes a mistyped option of this program's would go to sbatch.
        if (sbatch.Length > 0 && parsed.Tokens.All(t => t.Type != TokenType.DoubleDash))
        {
            throw new InputException("arguments", "slurm", $"'{sbatch[0]}'", "allowed: options of sbatch behind --");
        }

        BatchOptions.Check(sbatch);
    }

    /// <summary>The device that is frozen, and a line about the choice where it was not made by name.</summary>
    private static (string Device, string? Why) DeviceOf(string named, string folder, IReadOnlyList<string> sbatch)
    {
        if (named != "auto")
        {
            return (named, null);
        }

        if (FrozenSweep.IsAt(folder))
        {
            return (FrozenSweep.Open(folder).Spec.Device, null);
        }

        DeviceInfo here = DeviceCatalog.Discover().Auto;
        string kind = here.Kind switch
        {
            DeviceKind.Cuda => "cuda",
            DeviceKind.OpenCl => "opencl",
            _ => "simd",
        };
        return BatchOptions.AskForGpus(sbatch) && kind == "simd"
            ? ("cuda", "The device auto is frozen as cuda, because GPUs are asked for; --device names another")
            : (kind, $"The device auto is frozen as {kind}, which it is on this machine; --device names another");
    }

    private static IReadOnlyList<string> Program()
    {
        string program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, Path.GetFullPath(Environment.GetCommandLineArgs()[0])] : [program];
    }

    private static void Print(FrozenSweep sweep, SubmissionRequest request, IReadOnlyList<string> commands, TextWriter output)
    {
        output.Write(TaskScript.OfTask(request.Program, sweep.Folder, request.Exact));
        output.WriteLine();
        output.WriteLine($"# {sweep.Tasks.Count} jobs on {sweep.Spec.Device}, handed in by:");
        foreach (string command in commands)
        {
            output.WriteLine($"#   {command}");
        }
    }

    private static void Say(FrozenSweep sweep, SubmissionOutcome outcome, TextWriter output)
    {
        if (outcome.Round is not { } round)
        {
            output.WriteLine("Every job is done, or runs elsewhere: nothing is handed in.");
        }
        else
        {
            string arrays = $"{(round.Arrays.Count == 1 ? "array" : "arrays")} {string.Join(", ", round.Arrays.Select(a => a.Id))}";
            output.WriteLine(outcome.Tasks > 0
                ? $"{outcome.Tasks} jobs on {sweep.Spec.Device}: {arrays}, collected by job {round.Collect.Id}"
                : $"Handed in already: {arrays}, collected by job {round.Collect.Id}");
        }

        output.WriteLine($"Folder: {sweep.Folder}");
    }
}
