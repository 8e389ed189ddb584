using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Differential.Core.Files;

/// <summary>What the system knows of a file without opening it: enough to tell regular files from others, and one folder from another.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Device">The volume it lies on; 0 where the system does not tell.</param>
/// <param name="Inode">Its number there; 0 where the system does not tell.</param>
internal readonly partial record struct FileStatus(FileKind Kind, ulong Device, ulong Inode)
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint TypeAndInode = 0x101;
    private const int BufferBytes = 256;
    private const int NotFound = 2;
    private const int NotAFolder = 20;

    /// <summary>The status of what a path names; null where nothing is there.</summary>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether a link stands for what it leads to.</param>
    /// <exception cref="UnauthorizedAccessException">The way to it is closed.</exception>
    /// <exception cref="IOException">The volume does not answer as it should.</exception>
    public static FileStatus? Of(string path, bool follow = true)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Elsewhere(path, follow);
        }

        Span<byte> buffer = stackalloc byte[BufferBytes];
        if (Stat(CurrentFolder, path, follow ? 0 : NoFollow, TypeAndInode, ref MemoryMarshal.GetReference(buffer)) == 0)
        {
            return Parse(buffer);
        }

        int error = Marshal.GetLastPInvokeError();
        return error is NotFound or NotAFolder ? null : throw SystemError.Of(path, error);
    }

    /// <summary>The status of an open file, on Linux.</summary>
    internal static FileStatus Of(int descriptor)
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        return Stat(descriptor, string.Empty, EmptyPath, TypeAndInode, ref MemoryMarshal.GetReference(buffer)) == 0
            ? Parse(buffer)
            : throw SystemError.Of("an open file", Marshal.GetLastPInvokeError());
    }

    // struct statx has one layout on every architecture: stx_mode at 28, stx_ino at 32, stx_dev_major and _minor at 136 and 140.
    private static FileStatus Parse(ReadOnlySpan<byte> buffer)
    {
        int type = BinaryPrimitives.ReadUInt16LittleEndian(buffer[28..]) & 0xF000;
        ulong device = ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(buffer[136..]) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(buffer[140..]);
        FileKind kind = type switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            0xA000 => FileKind.Link,
            0x1000 => FileKind.Pipe,
            0xC000 => FileKind.Socket,
            _ => FileKind.Device,
        };
        return new FileStatus(kind, device, BinaryPrimitives.ReadUInt64LittleEndian(buffer[32..]));
    }

    private static FileStatus? Elsewhere(string path, bool follow)
    {
        FileInfo file = new(path);
        return !follow && file.LinkTarget is not null ? new FileStatus(FileKind.Link, 0, 0)
            : Directory.Exists(path) ? new FileStatus(FileKind.Folder, 0, 0)
            : file.Exists ? new FileStatus(FileKind.Regular, 0, 0)
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(int folder, string path, int flags, uint mask, ref byte buffer);
}

/// <summary>What lies under a name.</summary>
internal enum FileKind
{
    Regular,
    Folder,
    Link,
    Pipe,
    Socket,
    Device,
}
