using System.Diagnostics;

namespace Differential.Service.Tests.Commands;

/// <summary>Under which the real program is started: another user, a umask, environment variables.</summary>
internal sealed record Circumstances
{
    /// <summary>The user and group that own nothing.</summary>
    public const int Nobody = 65534;

    /// <summary>Octal; the caller's where null.</summary>
    public string? Umask { get; init; }

    /// <summary>Whether it runs as a user without rights.</summary>
    public bool Unprivileged { get; init; }

    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Skips a test where this process can't become another user, or that user can't reach the program.</summary>
    public static void SkipWithoutUsers()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "becoming another user needs root on Linux");
        Skip.IfNot(
            File.Exists("/usr/bin/setpriv") && Succeeds("/usr/bin/setpriv", [.. Become, "test", "-x", Executable.Program]), "another user can't reach the program where it was built");
    }

    /// <summary>chmod.</summary>
    public static void SetMode(string path, string mode) => Assert.True(Succeeds("/bin/chmod", [mode, path]));

    public static bool Succeeds(string program, IReadOnlyList<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    public ProcessStartInfo Start(string folder, string program, IReadOnlyList<string> arguments)
    {
        string[] become = Unprivileged ? ["/usr/bin/setpriv", .. Become] : [];
        string[] shell = Umask is null ? [] : ["/bin/sh", "-c", $"umask {Umask}; exec \"$0\" \"$@\""];
        string[] all = [.. shell, .. become, program, .. arguments];
        var start = new ProcessStartInfo(all[0], all[1..]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in Variables)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static string[] Become => [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--"];
}
