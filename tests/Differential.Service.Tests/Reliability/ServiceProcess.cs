using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Differential.Service.Tests.Commands;

namespace Differential.Service.Tests.Reliability;

/// <summary>The real executable, serving a root in a process of its own.</summary>
internal sealed partial class ServiceProcess : IDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private ServiceProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? string.Empty);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>What it said on standard error so far.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <summary>The lines as one text.</summary>
    public string Log => string.Join('\n', Lines);

    /// <summary>Where its page is, once it is there.</summary>
    public string Url
    {
        get
        {
            Assert.True(Wait.Until(() => PageAddress is not null, TimeSpan.FromSeconds(60)), Log);
            return PageAddress!;
        }
    }

    /// <summary>The warnings and errors among the lines.</summary>
    public IReadOnlyList<string> Complaints => [.. _lines.Where(l => Complaint().IsMatch(l))];

    /// <summary>Whether a fault point or a test has stopped it.</summary>
    public bool IsStopped => State() == 'T';

    /// <summary>Starts <c>differential serve</c>.</summary>
    /// <param name="root">The root.</param>
    /// <param name="settings">Further environment variables.</param>
    public static ServiceProcess Serve(string root, params IReadOnlyList<(string Name, string Value)> settings) => Serve(root, user: null, settings);

    /// <summary>Starts <c>differential serve</c> as another user, which only root may.</summary>
    public static ServiceProcess Serve(string root, int? user, IReadOnlyList<(string Name, string Value)> settings)
    {
        string[] program = ["dotnet", Path.Combine(AppContext.BaseDirectory, "differential.dll"), "serve", "--root", root, "--threads", "1"];
        string[] command = user is { } id ? ["setpriv", $"--reuid={id}", $"--regid={id}", "--clear-groups", .. program] : program;
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DIFFERENTIAL__Queue__RescanInterval"] = "00:00:00.200";
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        return new ServiceProcess(Process.Start(start)!);
    }

    /// <summary>Starts <c>differential serve</c> under other circumstances than this process's.</summary>
    public static ServiceProcess ServeAs(string root, Circumstances circumstances) =>
        new(Process.Start(circumstances.Start(root, Executable.Program, ["serve", "--root", root, "--threads", "1"]))!);

    /// <summary>What <c>/readyz</c> answers: the status, and why not.</summary>
    public async Task<(int Status, string Text)> ReadyAsync()
    {
        if (PageAddress is not { } url)
        {
            return (0, "not listening yet");
        }

        try
        {
            using HttpResponseMessage answer = await Http.GetAsync(new Uri(url + "/readyz"));
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return (0, exception.Message);
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
    }

    /// <summary>SIGTERM, and the exit status.</summary>
    public int Terminate(TimeSpan patience)
    {
        Signal(15);
        Assert.True(_process.WaitForExit(patience), "the service did not end in time");
        return _process.ExitCode;
    }

    /// <summary>Waits for its own end.</summary>
    public bool WaitForExit(TimeSpan patience) => _process.WaitForExit(patience);

    public void Pause() => Signal(19);

    public void Continue() => Signal(18);

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private string? PageAddress => _lines.Select(l => Listening().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value).FirstOrDefault();

    private char State()
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return 'X';
        }
    }

    private void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    [GeneratedRegex(@"\b(WRN|ERR|FTL)\b|\[(warn|fail)")]
    private static partial Regex Complaint();

    [GeneratedRegex(@"page is at ""?(http://[^\s""]+?)/?""?$")]
    private static partial Regex Listening();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);
}
