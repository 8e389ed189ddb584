using System.Diagnostics;
using Differential.Service.Queue;
using Differential.Service.Tests.Commands;

namespace Differential.Service.Tests.Reliability;

/// <summary>What is done to a root while a job changes its state, and how it is undone.</summary>
/// <param name="Name">What the count calls it.</param>
internal abstract record RootFault(string Name)
{
    /// <summary>Whether no job can be taken meanwhile, so that readiness must say so.</summary>
    public virtual bool KeepsAllJobs => false;

    /// <summary>Whether it can be put at a change: the file of a job that no service holds is gone for good once somebody removes it.</summary>
    public virtual bool CanStrikeAt(StateChange change) => true;

    /// <summary>What a stopped service meets when it goes on.</summary>
    public abstract void Apply(FaultVolume volume);

    public abstract void Undo(FaultVolume volume);

    /// <summary>Every fault of a root; the two of the process are <see cref="Killed"/> and <see cref="StoodStill"/>.</summary>
    public static IReadOnlyList<RootFault> All { get; } =
    [
        new Killed(), new StoodStill(), new NoRoom(), new NoFiles(), new Away(), new ActiveRemoved(),
        .. new[] { "incoming", "active", "active/WORKER", "done", "failed", "cancelled", "runs" }.Select(f => new Closed(f)),
        .. new[] { "incoming", "done", "failed", "cancelled", "runs" }.Select(f => new Missing(f)),
        .. new[] { "incoming", "active", "done", "failed" }.Select(f => new OtherVolume(f)),
    ];

    /// <summary>SIGKILL; the next service goes on.</summary>
    public sealed record Killed() : RootFault("SIGKILL")
    {
        public override void Apply(FaultVolume volume)
        {
        }

        public override void Undo(FaultVolume volume)
        {
        }
    }

    /// <summary>SIGSTOP for longer than the lease, so that another service takes over where there is one; SIGCONT.</summary>
    public sealed record StoodStill() : RootFault("SIGSTOP, take-over, SIGCONT")
    {
        public override void Apply(FaultVolume volume) => Thread.Sleep(FaultVolume.LeaseTimeout + TimeSpan.FromSeconds(1.5));

        public override void Undo(FaultVolume volume)
        {
        }
    }

    private sealed record NoRoom() : RootFault("ENOSPC")
    {
        public override bool KeepsAllJobs => true;

        public override void Apply(FaultVolume volume) => volume.Fill();

        public override void Undo(FaultVolume volume) => volume.Empty();
    }

    private sealed record NoFiles() : RootFault("no inodes")
    {
        public override bool KeepsAllJobs => true;

        public override void Apply(FaultVolume volume) => volume.FillFiles();

        public override void Undo(FaultVolume volume) => volume.Empty();
    }

    private sealed record Away() : RootFault("volume gone and back")
    {
        public override bool KeepsAllJobs => true;

        public override void Apply(FaultVolume volume) => volume.Detach();

        public override void Undo(FaultVolume volume) => volume.Attach();
    }

    private sealed record ActiveRemoved() : RootFault("rm -rf active/*")
    {
        public override bool CanStrikeAt(StateChange change) => change.Point != "before-takeover";

        public override void Apply(FaultVolume volume)
        {
            foreach (string worker in Directory.GetDirectories(volume.Root.Active))
            {
                Directory.Delete(worker, recursive: true);
            }
        }

        public override void Undo(FaultVolume volume)
        {
        }
    }

    private sealed record Closed(string Folder) : RootFault($"EACCES on {Folder}")
    {
        // The worker's own folder keeps one worker; the others are everybody's.
        public override bool KeepsAllJobs => !Folder.Contains('/', StringComparison.Ordinal);

        public override void Apply(FaultVolume volume) => Set(volume, "500");

        public override void Undo(FaultVolume volume) => Set(volume, "700");

        private void Set(FaultVolume volume, string mode)
        {
            IEnumerable<string> folders = Folder.Contains('/', StringComparison.Ordinal) ? Directory.GetDirectories(volume.Root.Active) : [Path.Combine(volume.Root.Path, Folder)];
            foreach (string folder in folders)
            {
                Circumstances.SetMode(folder, mode);
            }
        }
    }

    private sealed record Missing(string Folder) : RootFault($"ENOENT of {Folder}")
    {
        public override void Apply(FaultVolume volume) => Directory.Move(Path.Combine(volume.Root.Path, Folder), Aside(volume));

        public override void Undo(FaultVolume volume)
        {
            // As a person would: what is not there by now comes back.
            string folder = Path.Combine(volume.Root.Path, Folder);
            foreach (string entry in Directory.Exists(folder) ? Directory.GetFileSystemEntries(Aside(volume)) : [])
            {
                string target = Path.Combine(folder, Path.GetFileName(entry));
                if (!Path.Exists(target))
                {
                    Directory.Move(entry, target);
                }
            }

            if (Directory.Exists(folder))
            {
                Directory.Delete(Aside(volume), recursive: true);
            }
            else
            {
                Directory.Move(Aside(volume), folder);
            }
        }

        private string Aside(FaultVolume volume) => Path.Combine(volume.Root.Path, $".{Folder}-aside");
    }

    private sealed record OtherVolume(string Folder) : RootFault($"EXDEV at {Folder}")
    {
        public override void Apply(FaultVolume volume) => FaultVolume.Mount("-t", "tmpfs", "-o", FaultVolume.Owner + ",size=1m", "tmpfs", Path.Combine(volume.Root.Path, Folder));

        public override void Undo(FaultVolume volume) => FaultVolume.Run("umount", "-l", Path.Combine(volume.Root.Path, Folder));
    }
}

/// <summary>A root on a small volume of its own, mounted a second time where the service looks for it.</summary>
internal sealed class FaultVolume : IDisposable
{
    public const int User = 65534;
    public const string Owner = "uid=65534,gid=65534,mode=755";

    private readonly string _base = Directory.CreateTempSubdirectory("differential-faults-").FullName;
    private readonly string _volume;
    private readonly string _mount;

    public FaultVolume()
    {
        Circumstances.SetMode(_base, "755");
        (_volume, _mount) = (Path.Combine(_base, "volume"), Path.Combine(_base, "root"));
        foreach (string folder in (string[])[_volume, _mount])
        {
            Directory.CreateDirectory(folder);
        }

        // The worst case: whoever runs the service may write where the volume is not.
        Run("chown", $"{User}:{User}", _base, _mount);
        Mount("-t", "tmpfs", "-o", Owner + ",size=12m,nr_inodes=900", "tmpfs", _volume);
        Attach();
        Root = new ServiceRoot(_mount);
    }

    public static TimeSpan LeaseTimeout { get; } = TimeSpan.FromSeconds(2);

    public ServiceRoot Root { get; }

    /// <summary>The file that arms a fault point.</summary>
    public string Armed => Path.Combine(_base, "armed");

    public void Attach() => Mount("--bind", _volume, _mount);

    public void Detach() => Run("umount", "-l", _mount);

    /// <summary>Writes until no byte fits any more.</summary>
    public void Fill()
    {
        using FileStream ballast = new(Path.Combine(_volume, ".ballast"), FileMode.Create, FileAccess.Write, FileShare.None, 1);
        try
        {
            foreach (int size in (int[])[1 << 20, 4096, 1])
            {
                WriteAll(ballast, new byte[size]);
            }
        }
        catch (IOException)
        {
            // Full.
        }

        static void WriteAll(FileStream stream, byte[] block)
        {
            try
            {
                while (true)
                {
                    stream.Write(block);
                }
            }
            catch (IOException)
            {
                // No such block fits any more.
            }
        }
    }

    /// <summary>Makes files until none can be made any more.</summary>
    public void FillFiles()
    {
        string folder = Path.Combine(_volume, ".files");
        Directory.CreateDirectory(folder);
        try
        {
            for (int i = 0; ; i++)
            {
                File.WriteAllBytes(Path.Combine(folder, $"{i}"), []);
            }
        }
        catch (IOException)
        {
            // None is left.
        }
    }

    /// <summary>Takes back what <see cref="Fill"/> and <see cref="FillFiles"/> made.</summary>
    public void Empty()
    {
        File.Delete(Path.Combine(_volume, ".ballast"));
        if (Directory.Exists(Path.Combine(_volume, ".files")))
        {
            Directory.Delete(Path.Combine(_volume, ".files"), recursive: true);
        }
    }

    public static void Mount(params string[] arguments) => Run("mount", arguments);

    public static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {error}");
    }

    public void Dispose()
    {
        foreach (string folder in (string[])["incoming", "active", "done", "failed"])
        {
            using Process? inner = Process.Start(new ProcessStartInfo("umount", ["-l", "-q", Path.Combine(_mount, folder)]) { RedirectStandardError = true });
            inner?.WaitForExit();
        }

        foreach (string mount in (string[])[_mount, _volume])
        {
            using Process? process = Process.Start(new ProcessStartInfo("umount", ["-l", mount]) { RedirectStandardError = true });
            process?.WaitForExit();
        }

        Directory.Delete(_base, recursive: true);
    }
}
