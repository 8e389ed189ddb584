using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Differential.Service.Tests.Commands;

namespace Differential.Service.Tests.Reliability;

/// <summary>The real executable, serving a root in a process of its own.</summary>
internal sealed partial class ServiceProcess : IDisposable
{
    private readonly StringBuilder _log = new();
    private readonly Process _process;

    private ServiceProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts <c>differential serve</c>.</summary>
    /// <param name="root">The root.</param>
    /// <param name="settings">Further environment variables.</param>
    public static ServiceProcess Serve(string root, params IReadOnlyList<(string Name, string Value)> settings)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in (string[])[Path.Combine(AppContext.BaseDirectory, "differential.dll"), "serve", "--root", root, "--threads", "1"])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DIFFERENTIAL__Queue__RescanInterval"] = "00:00:00.200";
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        return Start(start);
    }

    /// <summary>Starts <c>differential serve</c> under other circumstances than this process's.</summary>
    public static ServiceProcess ServeAs(string root, Circumstances circumstances) =>
        Start(circumstances.Start(root, Executable.Program, ["serve", "--root", root, "--threads", "1"]));

    /// <summary>What it has logged.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Where its page is, once it is there.</summary>
    public string Url
    {
        get
        {
            Assert.True(Wait.Until(() => PageAddress().IsMatch(Log), TimeSpan.FromSeconds(60)), Log);
            return PageAddress().Match(Log).Groups[1].Value;
        }
    }

    private static ServiceProcess Start(ProcessStartInfo start)
    {
        var service = new ServiceProcess(new Process { StartInfo = start });
        service._process.OutputDataReceived += (_, _) => { };
        service._process.ErrorDataReceived += (_, line) => service.Add(line.Data);
        Assert.True(service._process.Start());
        service._process.BeginErrorReadLine();
        service._process.BeginOutputReadLine();
        return service;
    }

    private void Add(string? line)
    {
        lock (_log)
        {
            _log.Append(line).Append('\n');
        }
    }

    [GeneratedRegex("page is at \"?(http://[^\"\\s]+)")]
    private static partial Regex PageAddress();

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

    public void Pause() => Signal(19);

    public void Continue() => Signal(18);

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);
}
