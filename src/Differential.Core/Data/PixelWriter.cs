using System.Globalization;
using Differential.Core.Files;
using Microsoft.Win32.SafeHandles;

namespace Differential.Core.Data;

/// <summary>
/// Collects the bytes of a set of images. A set of up to <see cref="MostInMemory"/> bytes stays in memory; a larger one goes into a temporary file
/// without a name, which the system frees with the process.
/// </summary>
internal sealed class PixelWriter : IDisposable
{
    /// <summary>Bytes of a set that are kept in memory.</summary>
    public const long MostInMemory = 256L << 20;

    private readonly byte[]? _memory;
    private readonly SafeFileHandle? _file;
    private readonly string _folder;
    private readonly long _most;
    private long _length;
    private bool _handedOver;

    /// <param name="most">Bytes that will come, at most.</param>
    /// <param name="mostInMemory">From how many on a file is used.</param>
    /// <exception cref="InputException">The temporary file can't be made.</exception>
    public PixelWriter(long most, long mostInMemory = MostInMemory)
    {
        _most = most;
        _folder = Path.GetTempPath();
        if (most <= mostInMemory)
        {
            _memory = new byte[most];
            return;
        }

        string path = Path.Combine(_folder, $"differential-{Guid.NewGuid():N}");
        try
        {
            _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose | FileOptions.RandomAccess);
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path);
            }
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            throw NoRoom(exception);
        }
    }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="InputException">There is no room for them.</exception>
    public void Add(ReadOnlySpan<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_length + pixels.Length, _most, nameof(pixels));
        if (_memory is not null)
        {
            pixels.CopyTo(_memory.AsSpan((int)_length));
        }
        else
        {
            try
            {
                RandomAccess.Write(_file!, pixels, _length);
            }
            catch (Exception exception) when (SystemError.IsOfFiles(exception))
            {
                throw NoRoom(exception);
            }
        }

        _length += pixels.Length;
    }

    /// <summary>What was added.</summary>
    public PixelStore ToStore()
    {
        _handedOver = true;
        return _memory is null ? new PixelStore(_file!, _length) : new PixelStore(_length == _memory.Length ? _memory : _memory[..(int)_length]);
    }

    public void Dispose()
    {
        if (!_handedOver)
        {
            _file?.Dispose();
        }
    }

    private InputException NoRoom(Exception exception) => new(
        _folder,
        string.Empty,
        string.Create(CultureInfo.InvariantCulture, $"no temporary file of {_most} bytes ({exception.Message})"),
        "room for the images as bytes there, or in another folder (the variable TMPDIR, on Windows TMP)");
}
