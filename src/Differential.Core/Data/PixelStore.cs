using Microsoft.Win32.SafeHandles;

namespace Differential.Core.Data;

/// <summary>The bytes of a set of images, one image after another: in memory, or in a temporary file where they are too many.</summary>
internal sealed class PixelStore
{
    private readonly SafeFileHandle? _file;
    private readonly long _length;

    /// <param name="pixels">All bytes; kept, not copied.</param>
    public PixelStore(byte[] pixels) => (Memory, _length) = (pixels, pixels.Length);

    /// <param name="file">An open file; closed when nothing refers to this object any more.</param>
    /// <param name="length">Bytes in it.</param>
    public PixelStore(SafeFileHandle file, long length) => (_file, _length) = (file, length);

    /// <summary>All bytes; null where they lie in a file.</summary>
    public byte[]? Memory { get; }

    public long Length => _length;

    /// <summary>Copies bytes; on any thread.</summary>
    /// <param name="start">The first byte.</param>
    /// <param name="target">Filled.</param>
    /// <exception cref="IOException">The temporary file can't be read.</exception>
    public void Read(long start, Span<byte> target)
    {
        if (Memory is not null)
        {
            Memory.AsSpan((int)start, target.Length).CopyTo(target);
            return;
        }

        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(_file!, target, start);
            if (read == 0)
            {
                throw new IOException("a temporary file of images became shorter");
            }

            start += read;
            target = target[read..];
        }
    }
}
