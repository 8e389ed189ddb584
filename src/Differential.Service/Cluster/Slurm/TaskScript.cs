namespace Differential.Service.Cluster.Slurm;

/// <summary>The scripts that Slurm runs: of one element of the array, and of the job that collects.</summary>
internal static class TaskScript
{
    /// <summary>Seconds before the time limit at which Slurm sends USR1; it may come up to a minute sooner.</summary>
    private const int Ahead = 120;

    /// <summary>The script of an element. Its argument is added to the element's index.</summary>
    /// <param name="program">This program, with what stands before its arguments.</param>
    /// <param name="folder">The sweep's.</param>
    /// <param name="exact">Whether going on elsewhere is refused.</param>
    public static string OfTask(IReadOnlyList<string> program, string folder, bool exact) => $$$"""
        #!/bin/bash
        # One job of the sweep in the folder below: an element of a Slurm array. Written by 'differential slurm'.
        #SBATCH --requeue
        #SBATCH --open-mode=append
        #SBATCH --signal=B:USR1@{{{Ahead}}}

        program=({{{string.Join(' ', program.Select(Quote))}}})
        folder={{{Quote(folder)}}}
        task=$((SLURM_ARRAY_TASK_ID + ${1:-0}))
        element=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID

        # USR1 comes ahead of the time limit: checkpoint, then back into the queue. TERM (scancel, preemption, the limit itself): checkpoint, and
        # Slurm decides.
        pid= again= stop= final=
        pass() { stop=1; [ -z "$pid" ] || kill -TERM "$pid" 2> /dev/null; }
        trap 'again=1; pass' USR1
        trap 'final=1; pass' TERM

        echo "$(date -u +%FT%TZ) job $task on $(hostname), element $element, restart ${SLURM_RESTART_COUNT:-0}" >&2
        "${program[@]}" run "$folder" --task "$task" --threads "${SLURM_CPUS_PER_TASK:-${SLURM_CPUS_ON_NODE:-0}}"{{{(exact ? " --exact" : string.Empty)}}} &
        pid=$!
        [ -z "$stop" ] || pass

        # A signal ends a wait, and not the program.
        wait "$pid"; status=$?
        while kill -0 "$pid" 2> /dev/null; do wait "$pid"; status=$?; done
        wait "$pid"; status=$?

        # The element, and not the whole array, whose id is also that of its last element.
        if [ "$status" = 130 ] && [ -n "$again" ] && [ -z "$final" ]; then
          scontrol requeue "$element" || echo "element $element can't be requeued; 'differential slurm' hands it in again" >&2
        fi
        exit "$status"

        """.ReplaceLineEndings("\n");

    /// <summary>The script that collects.</summary>
    /// <param name="program">This program, with what stands before its arguments.</param>
    /// <param name="folder">The sweep's.</param>
    public static string OfCollect(IReadOnlyList<string> program, string folder) => $"""
        #!/bin/bash
        # Puts the results of the sweep in the folder below into one table. Written by 'differential slurm'.
        program=({string.Join(' ', program.Select(Quote))})
        exec "{"${program[@]}"}" collect {Quote(folder)}

        """.ReplaceLineEndings("\n");

    /// <summary>A word as a shell reads it back.</summary>
    public static string Quote(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '=' or ':' or ',' or '@' or '%' or '+')
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
