using Differential.Core.Files;

namespace Differential.Core.Tests.Files;

public sealed class MountedVolumeTests
{
    private static readonly string[] Lines =
    [
        "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw",
        "40 22 0:35 / /home rw shared:1 - nfs4 server:/home rw,vers=4.2,local_lock=none",
        "41 40 0:36 / /home/old rw shared:2 - nfs server:/old rw,vers=3,nolock,local_lock=all",
        "42 22 0:37 / /scratch\\040space rw - lustre 10.0.0.1@tcp:/fs rw,localflock",
        "43 22 0:38 / /scratch rw - lustre 10.0.0.1@tcp:/fs rw,flock",
    ];

    [Theory]
    [InlineData("/var/lib", "/", null)]
    [InlineData("/home/someone/sweep", "/home", null)]
    [InlineData("/home/old/sweep", "/home/old", "nolock")]
    [InlineData("/home/older", "/home", null)]
    [InlineData("/scratch space/sweep", "/scratch space", "localflock")]
    [InlineData("/scratch/sweep", "/scratch", null)]
    public void Of_Path_IsTheLongestMountAboveIt(string path, string point, string? local)
    {
        MountedVolume volume = MountedVolume.Of(path, Lines)!;

        Assert.Equal((point, local), (volume.Point, volume.OnlyLocalLocks));
    }

    [SkippableFact]
    public void Of_ThisMachine_FindsAVolume()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/proc is Linux's");

        Assert.NotNull(MountedVolume.Of(Path.GetTempPath()));
    }
}
