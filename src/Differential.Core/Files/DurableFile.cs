using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Differential.Core.Files;

/// <summary>
/// Writes files that are either whole or absent, whatever happens meanwhile: a temporary file in the same folder, flushed to
/// disk, renamed over the target, and the folder's entry flushed as well.
/// </summary>
internal static partial class DurableFile
{
    /// <summary>How the temporary files end; a leftover of a crash may be deleted.</summary>
    public const string TemporarySuffix = ".tmp";

    private const int OpenReadOnly = 0;
    private const int OpenCloseOnExecLinux = 0x80000;
    private const int OpenCloseOnExecMac = 0x1000000;
    private const int ErrorInterrupted = 4;
    private const int ErrorInvalid = 22;

    /// <summary>Replaces or creates <paramref name="path"/> with what <paramref name="write"/> puts into the stream.</summary>
    /// <exception cref="IOException">The disk is full, or the folder is not there or refuses; the target is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string target = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(target) ?? throw new ArgumentException("A folder's path is no file's.", nameof(path));
        string temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        SyncFolder(folder);
    }

    /// <summary>Writes UTF-8 text without a byte order mark.</summary>
    /// <exception cref="IOException">As <see cref="Write"/>.</exception>
    public static void WriteText(string path, string text) => WriteBytes(path, Encoding.UTF8.GetBytes(text));

    /// <exception cref="IOException">As <see cref="Write"/>.</exception>
    public static void WriteBytes(string path, ReadOnlyMemory<byte> bytes) => Write(path, stream => stream.Write(bytes.Span));

    /// <summary>
    /// Makes the creations, renames and deletions in a folder survive a power loss. Windows journals them itself and
    /// offers no such call: nothing is done there.
    /// </summary>
    /// <exception cref="IOException">The folder can't be opened or flushed.</exception>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Retry(() => Open(folder, OpenReadOnly | (OperatingSystem.IsMacOS() ? OpenCloseOnExecMac : OpenCloseOnExecLinux)));
        if (descriptor < 0)
        {
            throw LastError(folder);
        }

        try
        {
            // Some network file systems refuse to flush a folder (EINVAL): there is nothing more to be had from them.
            if (Retry(() => FileSync(descriptor)) < 0 && Marshal.GetLastPInvokeError() != ErrorInvalid)
            {
                throw LastError(folder);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static int Retry(Func<int> call)
    {
        int result;
        do
        {
            result = call();
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == ErrorInterrupted);

        return result;
    }

    private static IOException LastError(string folder)
    {
        Win32Exception error = new(Marshal.GetLastPInvokeError());
        return new IOException($"{folder}: can't flush the folder: {error.Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FileSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
