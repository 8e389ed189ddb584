namespace Differential.Core.Data;

/// <summary>The lines of a text file as bytes, one at a time, none longer than a bound.</summary>
/// <param name="stream">At its beginning; a byte order mark of UTF-8 is passed over.</param>
/// <param name="file">What messages call it.</param>
internal sealed class LineReader(Stream stream, string file) : IDisposable
{
    private const int MaxLineBytes = 4 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <summary>The latest line, from 1.</summary>
    internal int Number { get; private set; }

    public void Dispose() => stream.Dispose();

    /// <summary>The next line without its end (LF or CRLF), valid until the next call; false at the end of the file.</summary>
    /// <exception cref="InputException">The line is too long.</exception>
    internal bool Next(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0 || _atEnd)
            {
                int length = found >= 0 ? searched + found : _end - _start;
                line = _buffer.AsSpan(_start, length).TrimEnd((byte)'\r');
                bool any = found >= 0 || length > 0;
                _start += length + (found >= 0 ? 1 : 0);
                Number += any ? 1 : 0;
                if (Number == 1 && line.StartsWith("\uFEFF"u8))
                {
                    line = line[3..];
                }

                return any;
            }

            searched = _end - _start;
            Fill();
        }
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            if (_end >= MaxLineBytes)
            {
                throw new InputException(file, $"line {Number + 1}", $"a line of more than {MaxLineBytes} bytes", "shorter lines");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _atEnd = read == 0;
        _end += read;
    }
}
