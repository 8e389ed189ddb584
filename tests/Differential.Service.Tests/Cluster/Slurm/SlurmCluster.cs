using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Differential.Service.Tests.Commands;
using Differential.Service.Tests.Reliability;

namespace Differential.Service.Tests.Cluster.Slurm;

/// <summary>
/// A real Slurm of several nodes on this machine, without systemd: its daemons are children of the test, and whatever is left of them and of their
/// jobs ends with it.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SlurmCluster : IDisposable
{
    private const UnixFileMode Traversable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly string[] Programs = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "sinfo"];

    private readonly List<Process> _daemons = [];
    private readonly Dictionary<string, Process> _nodes = [];
    private readonly string _folder;

    private SlurmCluster(string folder) => _folder = folder;

    /// <summary>The cluster's configuration, for <c>SLURM_CONF</c>.</summary>
    public string Configuration => Path.Combine(_folder, "slurm.conf");

    /// <summary>Installs Debian's packages where they are not there yet.</summary>
    /// <returns>Why there is no Slurm; null where there is.</returns>
    public static string? WhyMissing()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return "Slurm's daemons need root on Linux";
        }

        if (Missing().Length > 0 && Find("apt-get") is { } apt)
        {
            using Process install = Process.Start(new ProcessStartInfo(apt, ["install", "-y", "--no-install-recommends", "slurm-wlm", "munge"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["DEBIAN_FRONTEND"] = "noninteractive" },
            })!;
            install.OutputDataReceived += (_, _) => { };
            install.ErrorDataReceived += (_, _) => { };
            install.BeginOutputReadLine();
            install.BeginErrorReadLine();
            if (!install.WaitForExit(TimeSpan.FromSeconds(60)))
            {
                install.Kill(entireProcessTree: true);
            }
        }

        return Missing() is { Length: > 0 } missing ? $"{string.Join(", ", missing)} can't be had (Debian: slurm-wlm, munge)" : null;
    }

    /// <summary>Starts a cluster and waits until all its nodes are idle; it knows one node more, which is down until it is started.</summary>
    public static SlurmCluster Start(string folder, int nodes)
    {
        var cluster = new SlurmCluster(Directory.CreateDirectory(folder).FullName);
        try
        {
            File.SetUnixFileMode(Path.GetDirectoryName(cluster._folder)!, Traversable);
            File.SetUnixFileMode(cluster._folder, Traversable);
            cluster.WriteConfiguration(nodes, FreePorts());
            cluster.StartMunge();
            cluster.Daemon("slurmctld", "-D", "-i");
            for (int node = 1; node <= nodes; node++)
            {
                cluster.StartNode($"n{node}");
            }

            Assert.True(
                Wait.Until(() => cluster.Ask("sinfo", "-h", "-N", "-o", "%T").Split('\n').Count(s => s.Trim() == "idle") == nodes, TimeSpan.FromSeconds(30)),
                "the cluster did not start:\n" + cluster.Logs());
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Starts a node's daemon.</summary>
    public void StartNode(string node) => _nodes[node] = Daemon("slurmd", "-D", "-N", node);

    /// <summary>Kills a node's daemon, and nothing else.</summary>
    public void KillDaemon(string node)
    {
        _nodes[node].Kill();
        _nodes[node].WaitForExit();
    }

    /// <summary>Kills a node's daemon and whatever ran there.</summary>
    public void KillNode(string node)
    {
        KillDaemon(node);
        IReadOnlyList<int> jobs = ProcessesOf(node);

        // Slurm's own process around each script first: it would report how the script ended.
        foreach (int process in jobs.Select(ParentOf).Where(IsStep).Distinct().Concat(jobs).ToList())
        {
            Signal("KILL", process);
        }
    }

    /// <summary>The processes of a node's jobs, of one array element where one is named: scripts and programs.</summary>
    public IReadOnlyList<int> ProcessesOf(string node, int? element = null) =>
    [
        .. Processes().Where(p => p.Variables.Contains($"SLURM_CONF={Configuration}") && p.Variables.Contains($"SLURMD_NODENAME={node}")
            && (element is null || p.Variables.Contains($"SLURM_ARRAY_TASK_ID={element}"))).Select(p => p.Id),
    ];

    /// <summary>The same without the scripts.</summary>
    public IReadOnlyList<int> ProgramsOf(string node, int element) => [.. ProcessesOf(node, element).Where(id => File.ReadAllText($"/proc/{id}/comm").Trim() == "differential")];

    /// <summary>Whether SIGTERM waits for a process that stands still.</summary>
    public static bool WaitsToTerminate(int process)
    {
        const string Pending = "ShdPnd:";
        string line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(Pending, StringComparison.Ordinal));
        return (Convert.ToUInt64(line[Pending.Length..].Trim(), 16) & (1UL << (15 - 1))) != 0;
    }

    /// <summary>Sends a signal to a process.</summary>
    public static void Signal(string signal, int process) => Circumstances.Succeeds("/bin/kill", [$"-{signal}", $"{process}"]);

    /// <summary>What a command of Slurm's says on standard output; empty where it fails.</summary>
    public string Ask(string command, params string[] arguments)
    {
        using Process process = Process.Start(Describe(command, arguments))!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        error.Wait();
        return process.ExitCode == 0 ? output.Trim() : string.Empty;
    }

    /// <summary>The daemons' last words, for a test that fails.</summary>
    public string Logs() => string.Join('\n', Directory.GetFiles(Path.Combine(_folder, "log")).Select(file => $"== {Path.GetFileName(file)}\n" + string.Join('\n', File.ReadLines(file).TakeLast(5))));

    public void Dispose()
    {
        foreach (Process daemon in Enumerable.Reverse(_daemons))
        {
            if (!daemon.HasExited)
            {
                daemon.Kill();
                daemon.WaitForExit();
            }

            daemon.Dispose();
        }

        foreach ((int id, _) in Processes().Where(p => p.Variables.Contains($"SLURM_CONF={Configuration}")).ToList())
        {
            Signal("KILL", id);
        }
    }

    private static string[] Missing() => [.. Programs.Where(p => Find(p) is null)];

    private static string? Find(string program) =>
        ((string[])["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/local/sbin"]).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static int FreePorts()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return Math.Min(((IPEndPoint)listener.LocalEndpoint).Port, 65000);
    }

    private void WriteConfiguration(int nodes, int port)
    {
        foreach (string name in (string[])["state", "spool", "log", "munge"])
        {
            Directory.CreateDirectory(Path.Combine(_folder, name));
        }

        File.WriteAllText(Configuration, $"""
            ClusterName=differential
            SlurmctldHost=localhost(127.0.0.1)
            SlurmctldPort={port}
            SlurmUser=root
            SlurmdUser=root
            AuthInfo=socket={_folder}/munge/socket
            StateSaveLocation={_folder}/state
            SlurmdSpoolDir={_folder}/spool/%n
            SlurmctldPidFile={_folder}/state/slurmctld.pid
            SlurmdPidFile={_folder}/state/slurmd.%n.pid
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core
            SchedulerType=sched/builtin
            SchedulerParameters=sched_interval=1
            SlurmdTimeout=10
            KillWait=5
            ReturnToService=2
            PreemptMode=REQUEUE
            PreemptType=preempt/partition_prio
            SlurmctldParameters=preempt_send_user_signal
            NodeName=n[1-{nodes}] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[{port + 1}-{port + nodes}] Sockets=1 CoresPerSocket=2 ThreadsPerCore=1
            NodeName=n{nodes + 1} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port + nodes + 1} Sockets=1 CoresPerSocket=2 ThreadsPerCore=1 State=DOWN
            PartitionName=main Nodes=ALL Default=YES

            """);
    }

    private void StartMunge()
    {
        string munge = Path.Combine(_folder, "munge");
        File.SetUnixFileMode(munge, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        string key = Path.Combine(munge, "key");
        File.WriteAllBytes(key, RandomNumberGenerator.GetBytes(128));
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Daemon("munged", "-F", "--key-file", key, "--socket", $"{munge}/socket", "--pid-file", $"{munge}/pid", "--log-file", $"{munge}/log", "--seed-file", $"{munge}/seed");
        Assert.True(Wait.Until(() => File.Exists($"{munge}/socket"), TimeSpan.FromSeconds(10)), "munged did not start");
    }

    private Process Daemon(string program, params string[] arguments)
    {
        string log = Path.Combine(_folder, "log", $"{program}{_daemons.Count}");
        ProcessStartInfo start = Describe("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" > \"$log\" 2>&1", "sh", log, Find(program)!, .. arguments]);
        var daemon = Process.Start(start)!;
        _daemons.Add(daemon);
        return daemon;
    }

    private ProcessStartInfo Describe(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLURM_CONF"] = Configuration;
        return start;
    }

    private static IEnumerable<(int Id, string[] Variables)> Processes()
    {
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int id) && id != Environment.ProcessId && Variables(folder) is { Length: > 0 } variables)
            {
                yield return (id, variables);
            }
        }
    }

    private static int ParentOf(int process)
    {
        string stat = Read($"/proc/{process}/stat");
        return stat.Length == 0 ? 0 : int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static bool IsStep(int process) => Read($"/proc/{process}/comm").StartsWith("slurmstepd", StringComparison.Ordinal);

    private static string[] Variables(string folder) => Read(Path.Combine(folder, "environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
