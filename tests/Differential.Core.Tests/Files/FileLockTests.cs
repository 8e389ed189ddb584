using Differential.Core.Files;

namespace Differential.Core.Tests.Files;

public sealed class FileLockTests : IDisposable
{
    private const int NoLocks = 37;
    private const int NotSupported = 95;

    private readonly TemporaryFolder _folder = new();

    private string LockFile => _folder.At("lock");

    [Fact]
    public void TryTake_FreeFile_IsHeldUntilItIsLetGo()
    {
        Assert.False(FileLock.IsHeld(LockFile));
        using (FileLock taken = FileLock.TryTake(LockFile)!)
        {
            Assert.NotNull(taken);
            Assert.Null(FileLock.TryTake(LockFile));
            Assert.True(FileLock.IsHeld(LockFile));
        }

        Assert.False(FileLock.IsHeld(LockFile));
        using FileLock? again = FileLock.TryTake(LockFile);
        Assert.NotNull(again);
    }

    [Fact]
    public void TryTake_LockOfTheClassLibrary_IsSeen()
    {
        using FileStream other = new(LockFile, FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        Assert.Null(FileLock.TryTake(LockFile));
    }

    [SkippableTheory]
    [InlineData(NoLocks, "No locks available")]
    [InlineData(NotSupported, "Operation not supported")]
    public void TryTake_FileSystemWithoutLocks_IsNoticed(int error, string reason)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "error numbers of Linux");

        NoFileLocksException exception = Assert.Throws<NoFileLocksException>(() => FileLock.TryTake(LockFile, (_, _) => error));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void TryTake_FileSystemThatGrantsEverything_IsNoticed()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no flock");

        Assert.Throws<NoFileLocksException>(() => FileLock.TryTake(LockFile, (_, _) => 0));
    }

    [SkippableFact]
    public void TryTake_InterruptedCall_IsMadeAgain()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "error numbers of Linux");
        const int Interrupted = 4;
        const int WouldBlock = 11;
        Queue<int> answers = new([Interrupted, Interrupted, 0, WouldBlock]);

        using FileLock? taken = FileLock.TryTake(LockFile, (_, _) => answers.Dequeue());

        Assert.NotNull(taken);
        Assert.Empty(answers);
    }

    [Fact]
    public void TryTake_FolderThatIsNotThere_Throws() => Assert.ThrowsAny<IOException>(() => FileLock.TryTake(_folder.At("no/such/lock")));

    public void Dispose() => _folder.Dispose();
}
