using System.Diagnostics;
using System.Runtime.Versioning;
using Differential.Service.Cluster.Slurm;
using Differential.Service.Tests.Commands;
using Differential.Service.Tests.Reliability;

namespace Differential.Service.Tests.Cluster.Slurm;

/// <summary>The task script in a real shell, around a small program that does what it is told.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class TaskScriptTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public TaskScriptTests()
    {
        // Waits for a signal, takes its time over it, and ends as the real program does.
        Write("program", $$"""
            echo "$*" > {{_folder.In("arguments")}}
            trap 'sleep 0.5; echo stopped >> {{_folder.In("said")}}; exit ${ENDS:-130}' TERM
            echo ready >> {{_folder.In("said")}}
            for ((i=0; i<${TICKS:-200}; i++)); do sleep 0.05; done
            exit 0
            """);
        Write("scontrol", $$"""echo "$*" >> {{_folder.In("scontrol.calls")}}; exit 0""");
    }

    [SkippableTheory]
    [InlineData("USR1", 130, true)]
    [InlineData("TERM", 130, false)]
    [InlineData("USR1 TERM", 130, false)]
    [InlineData("TERM USR1", 130, false)]
    public void Script_Signal_IsPassedOnAndTheElementGoesBackWhereItShould(string signals, int status, bool requeued)
    {
        Skip.IfNot(File.Exists("/bin/bash"), "there is no bash");

        Assert.Equal(status, Run(signals.Split(' ')));

        Assert.Contains("stopped", File.ReadAllText(_folder.In("said")), StringComparison.Ordinal);
        Assert.Equal(requeued ? ["requeue 77_5"] : [], File.Exists(_folder.In("scontrol.calls")) ? File.ReadAllLines(_folder.In("scontrol.calls")) : []);
        Assert.Equal($"run {_folder.In("a 'b'")} --task 1005 --threads 3", File.ReadAllText(_folder.In("arguments")).TrimEnd());
    }

    [SkippableFact]
    public void Script_ProgramThatEndsByItself_GivesItsStatus()
    {
        Skip.IfNot(File.Exists("/bin/bash"), "there is no bash");

        Assert.Equal(0, Run([], ("TICKS", "1")));
        Assert.Equal(2, Run(["USR1"], ("ENDS", "2")));
        Assert.Equal(75, Run(["TERM"], ("ENDS", "75")));
        Assert.False(File.Exists(_folder.In("scontrol.calls")));
    }

    [Theory]
    [InlineData("/opt/a", "/opt/a")]
    [InlineData("a b", "'a b'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("$HOME", "'$HOME'")]
    [InlineData("", "''")]
    public void Quote_Word_IsReadBackByAShell(string word, string quoted) => Assert.Equal(quoted, TaskScript.Quote(word));

    public void Dispose() => _folder.Dispose();

    private int Run(string[] signals, params (string Name, string Value)[] variables)
    {
        File.Delete(_folder.In("said"));
        string script = _folder.Write("task.sh", TaskScript.OfTask([_folder.In("program")], _folder.In("a 'b'"), exact: false));
        var start = new ProcessStartInfo("/bin/bash", [script, "1000"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{_folder.Path}:/usr/bin:/bin";
        start.Environment["SLURM_ARRAY_JOB_ID"] = "77";
        start.Environment["SLURM_ARRAY_TASK_ID"] = "5";
        start.Environment["SLURM_CPUS_PER_TASK"] = "3";
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        foreach (string signal in signals)
        {
            Assert.True(Wait.Until(() => File.Exists(_folder.In("said")), TimeSpan.FromSeconds(20)), "the program did not start");
            Assert.True(Circumstances.Succeeds("/bin/kill", [$"-{signal}", $"{process.Id}"]));
            Thread.Sleep(100);
        }

        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)), "the script did not end");
        Assert.DoesNotContain("command not found", error.Result, StringComparison.Ordinal);
        return process.ExitCode;
    }

    private void Write(string name, string body)
    {
        string path = _folder.Write(name, $"#!/bin/bash\n{body}\n".ReplaceLineEndings("\n"));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
