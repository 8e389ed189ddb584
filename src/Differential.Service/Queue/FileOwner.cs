using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Differential.Service.Queue;

/// <summary>Who owns a file, and what its mode lets whom do.</summary>
/// <param name="User">The owner's number.</param>
/// <param name="Group">The group's number.</param>
/// <param name="Mode">The permission bits.</param>
internal readonly partial record struct FileOwner(uint User, uint Group, UnixFileMode Mode)
{
    private const int CurrentFolder = -100;
    private const uint BasicFields = 0x7ff;
    private const int Size = 256;
    private const int UserOffset = 20;
    private const int GroupOffset = 24;
    private const int ModeOffset = 28;

    /// <summary>The owner of a file or folder, links followed; null where the system does not tell (anything but Linux) or it is gone.</summary>
    public static FileOwner? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // struct statx is the same on every architecture.
        byte[] buffer = new byte[Size];
        try
        {
            return Statx(CurrentFolder, path, 0, BasicFields, buffer) != 0 ? null : new FileOwner(
                BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(UserOffset)),
                BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(GroupOffset)),
                (UnixFileMode)(BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(ModeOffset)) & 0xFFF));
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018.
            return null;
        }
    }

    /// <summary>Gives a file to another user; only root may.</summary>
    public static bool Give(string path, FileOwner to) => OperatingSystem.IsLinux() && ChangeOwner(path, to.User, to.Group) == 0;

    /// <summary>Whether a process of this user and group may read the file; groups beside its first one are not known here.</summary>
    public bool CanBeReadBy(FileOwner other) =>
        other.User == 0
        || (User == other.User ? Mode.HasFlag(UnixFileMode.UserRead)
            : Group == other.Group ? Mode.HasFlag(UnixFileMode.GroupRead)
            : Mode.HasFlag(UnixFileMode.OtherRead));

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte[] buffer);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
