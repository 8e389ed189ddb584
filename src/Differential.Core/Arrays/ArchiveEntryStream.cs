using System.IO.Compression;
using Differential.Core.Files;

namespace Differential.Core.Arrays;

/// <summary>An entry of a zip archive, unpacked as it is read; the archive is closed with it.</summary>
internal sealed class ArchiveEntryStream : Stream
{
    private readonly ZipArchive _archive;
    private readonly Stream _entry;

    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public ArchiveEntryStream(string file, string name)
    {
        _archive = new ZipArchive(RegularFile.OpenRead(file, 1 << 18), ZipArchiveMode.Read);
        try
        {
            _entry = (_archive.GetEntry(name) ?? throw new InvalidDataException("the entry is gone")).Open();
        }
        catch
        {
            _archive.Dispose();
            throw;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => _entry.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => _entry.Read(buffer);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _entry.Dispose();
            _archive.Dispose();
        }

        base.Dispose(disposing);
    }
}
