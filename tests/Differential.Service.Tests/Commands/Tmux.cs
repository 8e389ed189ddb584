using System.Diagnostics;

namespace Differential.Service.Tests.Commands;

/// <summary>A terminal of a known size: tmux, with a server of its own.</summary>
internal sealed class Tmux : IAsyncDisposable
{
    private readonly string _server = $"differential-{Guid.NewGuid():N}";
    private readonly string _folder;

    private Tmux(string folder) => _folder = folder;

    public static bool IsThere { get; } = Find();

    /// <summary>Opens a terminal in which a script runs, and after it a line END with its status.</summary>
    public static async Task<Tmux> StartAsync(string folder, int width, string script)
    {
        var terminal = new Tmux(folder);
        string file = Path.Combine(folder, "go");
        await File.WriteAllTextAsync(file, $"{script}\necho END $?\nsleep 600\n");
        await terminal.Ask("new-session", "-d", "-x", $"{width}", "-y", "50", $"bash --norc {file}");
        return terminal;
    }

    /// <summary>Every line so far, the scrolled ones included, without empty ones.</summary>
    /// <param name="options">-e for the colours' sequences, -J for lines that the terminal broke in one.</param>
    public async Task<string[]> Lines(params string[] options) =>
        [.. (await Ask(["capture-pane", "-p", "-S", "-1000", .. options])).Split('\n').Select(static line => line.TrimEnd()).Where(static line => line.Length > 0)];

    public Task Resize(int width) => Ask("resize-window", "-x", $"{width}");

    /// <summary>Waits for a line.</summary>
    public async Task<string> WaitFor(Func<string, bool> isIt)
    {
        for (int i = 0; i < 4800; i++)
        {
            if ((await Lines()).FirstOrDefault(isIt) is { } line)
            {
                return line;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException(string.Join('\n', await Lines()));
    }

    public async ValueTask DisposeAsync() => await Ask("kill-server");

    private async Task<string> Ask(params string[] arguments)
    {
        var start = new ProcessStartInfo("tmux", ["-L", _server, "-f", "/dev/null", .. arguments]) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment.Remove("NO_COLOR");
        start.Environment.Remove("TMUX");
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await error;
        return output;
    }

    private static bool Find() => !OperatingSystem.IsWindows() && (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Any(static folder => File.Exists(Path.Combine(folder, "tmux")));
}
