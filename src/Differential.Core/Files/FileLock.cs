using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Differential.Core.Files;

/// <summary>
/// A lock on a file against other processes, on this machine and, where the file system carries it there, on others. It ends with the
/// process, however that ends. The class library's own locks pass over every error of <c>flock</c> but one; here a file system without
/// locks is told from a free one.
/// </summary>
internal sealed partial class FileLock : IDisposable
{
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int NonBlocking = 4;
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int CloseOnExecLinux = 0x80000;
    private const int CloseOnExecMac = 0x1000000;
    private const int ErrorInterrupted = 4;
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;

    private readonly IDisposable _file;

    private FileLock(string path, IDisposable file)
    {
        Path = path;
        _file = file;
    }

    /// <summary>Asks the system for a lock on an open file: (descriptor, operation) → its error number, 0 for none.</summary>
    internal delegate int Ask(int descriptor, int operation);

    /// <summary>The file, which stays where it is: a lock on a file that is removed guards nothing.</summary>
    public string Path { get; }

    /// <summary>Takes the lock where nobody holds it.</summary>
    /// <param name="path">The file; it is made where it is missing.</param>
    /// <returns>Null where another process holds it, or another holder in this one.</returns>
    /// <exception cref="NoFileLocksException">The file system has no locks.</exception>
    /// <exception cref="IOException">The file can't be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static FileLock? TryTake(string path) => TryTake(path, Flock);

    /// <summary>Whether somebody holds the lock. A look keeps nobody from taking it for longer than a moment.</summary>
    /// <param name="path">The file; nobody holds the lock of one that is not there.</param>
    /// <exception cref="IOException">The file can't be opened, or its file system has no locks.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static bool IsHeld(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        if (OperatingSystem.IsWindows())
        {
            using FileLock? taken = TryTake(path);
            return taken is null;
        }

        using SafeFileHandle file = OpenFile(path, ReadOnly);
        return !Try(file, path, Shared, Flock);
    }

    /// <summary>As <see cref="TryTake(string)"/>, by another system call.</summary>
    internal static FileLock? TryTake(string path, Ask ask)
    {
        string full = System.IO.Path.GetFullPath(path);
        if (OperatingSystem.IsWindows())
        {
            return TryTakeOnWindows(full);
        }

        if (!File.Exists(full))
        {
            using FileStream made = new(full, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        }

        SafeFileHandle file = OpenFile(full, ReadWrite);
        try
        {
            if (!Try(file, full, Exclusive, ask))
            {
                file.Dispose();
                return null;
            }

            // A file system that grants everything grants nothing.
            using SafeFileHandle other = OpenFile(full, ReadOnly);
            if (Try(other, full, Shared, ask))
            {
                throw new NoFileLocksException(full, "flock grants the same lock twice");
            }

            return new FileLock(full, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private static bool Try(SafeFileHandle file, string path, int operation, Ask ask)
    {
        int error;
        do
        {
            error = ask((int)file.DangerousGetHandle(), operation | NonBlocking);
        }
        while (error == ErrorInterrupted);

        bool isHeld = error == (OperatingSystem.IsMacOS() ? WouldBlockMac : WouldBlockLinux);
        return error == 0 || isHeld ? !isHeld : throw new NoFileLocksException(path, $"flock: {new Win32Exception(error).Message}");
    }

    private static SafeFileHandle OpenFile(string path, int access)
    {
        int descriptor = Open(path, access | (OperatingSystem.IsMacOS() ? CloseOnExecMac : CloseOnExecLinux));
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw SystemError.Of(path, Marshal.GetLastPInvokeError());
    }

    private static FileLock? TryTakeOnWindows(string path)
    {
        const int SharingViolation = 32;
        try
        {
            return new FileLock(path, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when ((exception.HResult & 0xFFFF) == SharingViolation)
        {
            return null;
        }
    }

    private static int Flock(int descriptor, int operation) => FlockCall(descriptor, operation) == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FlockCall(int descriptor, int operation);
}

/// <summary>The file system of a file has no locks: two processes could not be kept apart on it.</summary>
/// <param name="path">The file.</param>
/// <param name="reason">What tells so.</param>
internal sealed class NoFileLocksException(string path, string reason) : IOException($"{path}: the file system has no locks ({reason})")
{
    public string Reason { get; } = reason;
}
