using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Differential.Core.Files;

/// <summary>
/// Opens files that others made. Opening a pipe waits for its other end, and opening a device may do anything: only regular files
/// are opened, and the opening itself never waits, whatever takes the file's place meanwhile.
/// </summary>
internal static partial class RegularFile
{
    private const int ReadOnlyNonBlockingCloseOnExec = 0x800 | 0x80000;

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="NotRegularFileException">It is a pipe, a socket or a device.</exception>
    /// <exception cref="IOException">It is not there, or can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It is a folder, or reading it is not permitted.</exception>
    public static FileStream OpenRead(string path, int bufferSize = 4096)
    {
        if (OperatingSystem.IsLinux())
        {
            Check(path, FileStatus.Of(path)?.Kind);
            int descriptor = Open(path, ReadOnlyNonBlockingCloseOnExec);
            if (descriptor >= 0)
            {
                var handle = new SafeFileHandle(descriptor, ownsHandle: true);
                try
                {
                    Check(path, FileStatus.Of(descriptor).Kind);
                    return new FileStream(handle, FileAccess.Read, bufferSize);
                }
                catch
                {
                    handle.Dispose();
                    throw;
                }
            }
        }

        // Where opening failed this says why, as ever.
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize);
    }

    /// <summary>A file's bytes.</summary>
    /// <exception cref="IOException">As <see cref="OpenRead"/>, or it is longer than <paramref name="most"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">As <see cref="OpenRead"/>.</exception>
    public static byte[] ReadAllBytes(string path, long most = int.MaxValue)
    {
        using FileStream stream = OpenRead(path, bufferSize: 1);
        long length = stream.Length;
        if (length > most)
        {
            throw new IOException($"{path}: more than {most} bytes");
        }

        byte[] bytes = new byte[length];
        return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    /// <summary>What a kind of file is called in messages.</summary>
    public static string Describe(FileKind kind) => kind switch
    {
        FileKind.Regular => "a regular file",
        FileKind.Folder => "a folder",
        FileKind.Link => "a link",
        FileKind.Pipe => "a pipe",
        FileKind.Socket => "a socket",
        _ => "a device",
    };

    private static void Check(string path, FileKind? kind)
    {
        switch (kind)
        {
            case FileKind.Folder:
                throw new UnauthorizedAccessException($"{path}: a folder");
            case FileKind.Pipe or FileKind.Socket or FileKind.Device:
                throw new NotRegularFileException(path, Describe(kind.Value));
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);
}

/// <summary>What should be a file is a pipe, a socket or a device.</summary>
/// <param name="path">Its path.</param>
/// <param name="kind">What it is.</param>
internal sealed class NotRegularFileException(string path, string kind) : IOException($"{path}: {kind}, not a regular file")
{
    public string Kind { get; } = kind;
}
