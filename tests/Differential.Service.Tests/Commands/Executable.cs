using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Differential.Service.Tests.Commands;

/// <summary>The real program in a process of its own.</summary>
internal static partial class Executable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>SIGINT, as Ctrl-C sends it.</summary>
    public const int Interrupt = 2;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>Where it lies.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "differential.exe" : "differential");

    /// <summary>Whether programs that are started here ignore Ctrl-C, as those do that a shell starts in the background.</summary>
    public static bool IgnoresInterrupt
    {
        get
        {
            const string Status = "/proc/self/status";
            const string Field = "SigIgn:";
            string? ignored = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(static line => line.StartsWith(Field, StringComparison.Ordinal)) : null;
            return ignored is not null && (Convert.ToUInt64(ignored[Field.Length..].Trim(), 16) & (1UL << (Interrupt - 1))) != 0;
        }
    }

    /// <summary>Runs the program to its end.</summary>
    public static Task<ProgramRun> Run(string folder, params string[] arguments) => Run(folder, Limit, arguments);

    /// <summary>Runs the program to its end, which comes within a limit.</summary>
    public static async Task<ProgramRun> Run(string folder, TimeSpan limit, params string[] arguments)
    {
        using Process process = Start(folder, arguments);
        return await End(process, limit);
    }

    /// <summary>Runs the program to its end as another user, under a umask, or with environment variables.</summary>
    public static async Task<ProgramRun> Run(string folder, Circumstances circumstances, params string[] arguments)
    {
        using Process process = Process.Start(circumstances.Start(folder, Program, arguments))!;
        return await End(process, Limit);
    }

    /// <summary>Starts the program, sends a signal once a line of standard error holds a text, and waits for its end.</summary>
    public static async Task<ProgramRun> RunAndSignal(string folder, string text, int signal, params string[] arguments)
    {
        using Process process = Start(folder, arguments);
        var seen = new List<string>();
        while (await process.StandardError.ReadLineAsync() is string line)
        {
            seen.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
            {
                Assert.Equal(0, Kill(process.Id, signal));
                break;
            }
        }

        ProgramRun run = await End(process, Limit);
        return run with { Error = string.Join('\n', seen) + "\n" + run.Error };
    }

    private static Process Start(string folder, string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static async Task<ProgramRun> End(Process process, TimeSpan patience)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(patience);
        await process.WaitForExitAsync(limit.Token);
        return new ProgramRun(process.ExitCode, await output, await error);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}

/// <summary>How the program ended and what it said.</summary>
internal sealed record ProgramRun(int Status, string Output, string Error);
