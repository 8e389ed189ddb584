using System.Diagnostics;
using Differential.Service.Queue;

namespace Differential.Service.Tests.Reliability;

/// <summary>A root with its services, on which rounds of the fault matrix run one after the other.</summary>
/// <param name="services">How many serve the root.</param>
/// <param name="name">For the jobs' ids.</param>
/// <param name="expected">The fingerprint of an undisturbed run, by job text.</param>
internal sealed class FaultLane(int services, string name, IReadOnlyDictionary<string, string> expected) : IDisposable
{
    private const int MostComplaints = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan Truth = TimeSpan.FromSeconds(60);

    private readonly ServiceProcess?[] _services = new ServiceProcess?[services];
    private FaultVolume? _volume;
    private int _round;

    /// <summary>One round: a job is brought to a change of its state, the fault strikes there and ends, the job must end as it should.</summary>
    /// <returns>What broke; null where nothing did.</returns>
    public async Task<string?> RoundAsync(StateChange change, RootFault fault)
    {
        string id = $"{name}-{_round++}";
        try
        {
            await StartServicesAsync();
            int[] complaints = [.. _services.Select(s => s!.Complaints.Count)];
            var clock = Stopwatch.StartNew();
            ServiceProcess struck = await BringAsync(change, fault, id);
            await StrikeAsync(struck, fault);
            await CheckEndAsync(change.Story, id);
            await CheckReadinessAsync(200, all: true, "after the fault");
            foreach ((ServiceProcess service, int before) in _services.Zip(complaints).Where(p => !p.First!.HasExited).Select(p => (p.First!, p.Second)))
            {
                int minutes = 1 + (int)clock.Elapsed.TotalMinutes;
                Check(service.Complaints.Count - before <= MostComplaints * minutes, $"{service.Complaints.Count - before} warnings and errors in {clock.Elapsed.TotalSeconds:0} s");
            }

            CleanUp(id);
            return null;
        }
        catch (Exception exception) when (exception is RoundException or IOException or UnauthorizedAccessException or Xunit.Sdk.XunitException)
        {
            string said = string.Join('\n', _services.Where(s => s is not null).Select((s, i) => $"service {i}{(s!.HasExited ? $" (exited {s.ExitCode})" : string.Empty)}:\n{string.Join('\n', s.Lines.TakeLast(25))}"));
            string files = _volume is null ? string.Empty : string.Join('\n', Directory.EnumerateFiles(_volume.Root.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).Where(f => f.Contains(id, StringComparison.Ordinal)));
            Reset();
            return $"{id}: {exception.Message}\n{said}\n{files}";
        }
    }

    public void Dispose() => Reset();

    private ServiceRoot Root => _volume!.Root;

    private async Task StartServicesAsync()
    {
        _volume ??= new FaultVolume();
        for (int i = 0; i < _services.Length; i++)
        {
            if (_services[i] is null or { HasExited: true })
            {
                _services[i]?.Dispose();
                _services[i] = ServiceProcess.Serve(Root.Path, FaultVolume.User, Settings());
            }
        }

        await CheckReadinessAsync(200, all: true, "before the fault");
    }

    private List<(string, string)> Settings() =>
    [
        ("DIFFERENTIAL__Queue__Heartbeat", "00:00:00.200"),
        ("DIFFERENTIAL__Queue__LeaseTimeout", FaultVolume.LeaseTimeout.ToString()),
        ("DIFFERENTIAL__Queue__RescanInterval", "00:00:00.300"),
        ("DIFFERENTIAL__Queue__MinimumFreeBytes", "65536"),
        ("DIFFERENTIAL__Queue__SettleTime", "00:00:01"),
        ("DIFFERENTIAL__LogFile__Enabled", "false"),
        ("DIFFERENTIAL__Http__Url", "http://127.0.0.1:0"),
        ("DIFFERENTIAL_FAULT_FILE", _volume!.Armed),
        ("DOTNET_EnableDiagnostics", "0"),
    ];

    /// <summary>Brings a job to the change, at which one of the services is stopped or killed.</summary>
    private async Task<ServiceProcess> BringAsync(StateChange change, RootFault fault, string id)
    {
        string action = fault is RootFault.Killed ? "kill" : "stop";
        switch (change.Story)
        {
            case JobStory.IsCancelled:
                MatrixJobs.Drop(Root.Incoming, id, MatrixJobs.Long);
                await UntilAsync(() => Directory.Exists(Path.Combine(Root.RunFolder(id), "checkpoint")) && Directory.GetFiles(Path.Combine(Root.RunFolder(id), "checkpoint"), "*.bin").Length > 0, "the job did not start");
                Arm(change.Point, action);
                File.WriteAllText(Path.ChangeExtension(Root.FindActive(id)!, ".cancel"), string.Empty);
                break;
            case JobStory.FailsAgain:
                MatrixJobs.Drop(Root.Incoming, id, MatrixJobs.Bad);
                await UntilAsync(() => File.Exists(ServiceRoot.JobFile(Root.Failed, id)), "the job did not fail");
                Arm(change.Point, action);
                File.Move(ServiceRoot.JobFile(Root.Failed, id), ServiceRoot.JobFile(Root.Incoming, id));
                break;
            case JobStory.IsTakenOver:
                Arm(change.Point, action);
                MatrixJobs.LeaveBehind(_volume!, id);
                break;
            default:
                Arm(change.Point, action);
                MatrixJobs.Drop(Root.Incoming, id, MatrixJobs.TextOf(change.Story));
                break;
        }

        ServiceProcess? struck = null;
        await UntilAsync(() => (struck = _services.FirstOrDefault(s => s!.IsStopped || s.HasExited)) is not null, $"the point {change.Point} was not reached");
        return struck!;
    }

    private void Arm(string point, string action)
    {
        string temporary = _volume!.Armed + ".new";
        File.WriteAllText(temporary, $"{point}:{action}");
        FaultVolume.Run("chown", $"{FaultVolume.User}:{FaultVolume.User}", temporary);
        File.Move(temporary, _volume.Armed, overwrite: true);
    }

    private async Task StrikeAsync(ServiceProcess struck, RootFault fault)
    {
        if (fault is RootFault.Killed)
        {
            Check(struck.WaitForExit(Truth), "the service was not killed");
            if (services == 1)
            {
                await StartServicesAsync();
            }

            return;
        }

        fault.Apply(_volume!);
        struck.Continue();
        if (fault is not RootFault.StoodStill)
        {
            if (fault.KeepsAllJobs)
            {
                await CheckReadinessAsync(503, all: false, "during the fault");
            }
            else
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }

        fault.Undo(_volume!);
    }

    private async Task CheckEndAsync(JobStory story, string id)
    {
        string[] ends = story switch
        {
            JobStory.Fails or JobStory.FailsAgain => [Root.Failed],
            JobStory.IsCancelled => [Root.Cancelled, Root.Done],
            _ => [Root.Done],
        };
        await UntilAsync(() => ends.Any(f => File.Exists(ServiceRoot.JobFile(f, id))), $"the job did not end in {string.Join(" or ", ends.Select(f => Path.GetFileName(f)))}");

        // The end's last moves may still be under way: nothing may be left a moment later.
        string[] found = [];
        await UntilAsync(() => (found = [.. Directory.EnumerateFiles(Root.Path, "*.json", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(f => !f.StartsWith(Root.Runs, StringComparison.Ordinal) && Path.GetFileName(f).StartsWith(id, StringComparison.Ordinal))]).Length == 1, $"the job is {found.Length} times there");
        Check(Directory.GetDirectories(Root.Runs, $"{id}*").Length == 1, "the job has several runs");
        Check(File.Exists(Root.ErrorFile(id)) == (ends[0] == Root.Failed), "an error document that should not be there, or none");
        if (Path.GetDirectoryName(found[0]) == Root.Done)
        {
            Check(ResultFingerprint.Of(Root, id) == expected[MatrixJobs.TextOf(story)], "another result than an undisturbed run's");
        }
    }

    private async Task CheckReadinessAsync(int status, bool all, string when)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            (int Status, string Text)[] answers = await Task.WhenAll(_services.Where(s => s is { HasExited: false }).Select(s => s!.ReadyAsync()));
            if (answers.Length > 0 && (all ? answers.All(a => a.Status == status) : answers.Any(a => a.Status == status)))
            {
                return;
            }

            Check(clock.Elapsed < Truth, $"readiness {when}: {string.Join(", ", answers.Select(a => $"{a.Status} {a.Text}"))}, not {status}");
            await Task.Delay(150);
        }
    }

    private static async Task UntilAsync(Func<bool> condition, string otherwise)
    {
        var clock = Stopwatch.StartNew();
        while (!Try(condition))
        {
            Check(clock.Elapsed < Patience, otherwise);
            await Task.Delay(100);
        }
    }

    // Files move while this looks.
    private static bool Try(Func<bool> condition)
    {
        try
        {
            return condition();
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Check(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new RoundException(otherwise);
        }
    }

    // The volume is small: what was checked goes.
    private void CleanUp(string id)
    {
        foreach (string folder in (string[])[Root.Done, Root.Failed, Root.Cancelled])
        {
            File.Delete(ServiceRoot.JobFile(folder, id));
        }

        File.Delete(Root.ErrorFile(id));
        Directory.Delete(Root.RunFolder(id), recursive: true);
    }

    private void Reset()
    {
        for (int i = 0; i < _services.Length; i++)
        {
            _services[i]?.Dispose();
            _services[i] = null;
        }

        _volume?.Dispose();
        _volume = null;
    }

    private sealed class RoundException(string message) : Exception(message);
}
