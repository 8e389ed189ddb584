using System.Runtime.Versioning;
using Differential.Service.Tests.Commands;

namespace Differential.Service.Tests.Cluster.Slurm;

/// <summary>
/// Small scripts in the place of Slurm's commands. Each writes its arguments down, a line a call, and answers from files: <c>sbatch</c> counts
/// ids up from 101, <c>squeue</c> says what <see cref="Queue"/> holds.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class StandInSlurm
{
    private const UnixFileMode Runnable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _folder;

    public StandInSlurm(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        Write("sbatch", """
            id=$(cat "$here/next" 2> /dev/null || echo 101); echo $((id + 1)) > "$here/next"
            for argument; do case $argument in --job-name=*) echo "$id ${argument#--job-name=}" >> "$here/names";; esac; done
            [ -e "$here/refuse" ] && { echo "sbatch: error: $(cat "$here/refuse")" >&2; exit 1; }
            echo "$id;cluster"
            [ -e "$here/die-behind" ] && [ "$(cat "$here/die-behind")" = "$id" ] && { kill -9 $PPID; sleep 5; }
            exit 0
            """);
        Write("squeue", """
            [ -e "$here/down" ] && { echo "slurm_load_jobs error: Unable to contact slurm controller" >&2; exit 1; }
            for argument; do case $argument in
              --name=*) while read -r id name; do [ "$name" = "${argument#--name=}" ] && echo "$id"; done < "$here/names"; exit 0;;
              --jobs=*) [ -s "$here/queue" ] || { echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1; }; cat "$here/queue"; exit 0;;
            esac; done
            """);
        Write("scontrol", """
            echo "MaxArraySize            = $(cat "$here/max" 2> /dev/null || echo 1001)"
            """);
        Write("scancel", string.Empty);
    }

    public string? Refusal
    {
        set => Put("refuse", value);
    }

    /// <summary>The lines of squeue for the ids that are asked for: <c>101_3|RUNNING|n2</c>.</summary>
    public string? Queue
    {
        set => Put("queue", value);
    }

    public int MaxArraySize
    {
        set => Put("max", $"{value}");
    }

    /// <summary>Whether the controller answers nobody.</summary>
    public bool IsDown
    {
        set => Put("down", value ? string.Empty : null);
    }

    /// <summary>The id behind which sbatch takes the program down that called it, before that has read the id.</summary>
    public int? DiesBehind
    {
        set => Put("die-behind", value is null ? null : $"{value}");
    }

    /// <summary>The calls of a command, each as its arguments with spaces between.</summary>
    public IReadOnlyList<string> Calls(string command) =>
        File.Exists(Path.Combine(_folder, "calls")) ? [.. File.ReadAllLines(Path.Combine(_folder, "calls")).Where(l => l.StartsWith(command + ' ', StringComparison.Ordinal)).Select(l => l[(command.Length + 1)..])] : [];

    /// <summary>Runs the program with these commands first on its path.</summary>
    public Task<ProgramRun> Run(string folder, params string[] arguments) => Executable.Run(
        folder, new Circumstances { Variables = new Dictionary<string, string> { ["PATH"] = $"{_folder}:/usr/bin:/bin" } }, arguments);

    private void Write(string command, string body)
    {
        string path = Path.Combine(_folder, command);
        File.WriteAllText(path, $"#!/bin/bash\nhere={_folder}\necho \"{command} $*\" >> \"$here/calls\"\n{body}\n".ReplaceLineEndings("\n"));
        File.SetUnixFileMode(path, Runnable);
    }

    private void Put(string name, string? text)
    {
        if (text is null)
        {
            File.Delete(Path.Combine(_folder, name));
        }
        else
        {
            File.WriteAllText(Path.Combine(_folder, name), text);
        }
    }
}
