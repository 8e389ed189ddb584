using System.Text;
using Differential.Core.Files;

namespace Differential.Service.Web;

/// <summary>Follows a <c>metrics.jsonl</c>: the whole lines that were added since the last look.</summary>
internal sealed class MetricsTail(string file)
{
    /// <summary>Most bytes read at one look; of a longer file the end is taken.</summary>
    private const int MaxBytes = 4 << 20;

    private const int MarkBytes = 64;

    private long _position;
    private byte[] _mark = [];

    /// <summary>Reads on.</summary>
    /// <param name="reset">Whether the file was replaced (a run that went on from an older checkpoint does so): what was read before no longer holds.</param>
    public IReadOnlyList<string> Read(out bool reset)
    {
        reset = false;
        try
        {
            using FileStream stream = RegularFile.OpenRead(file);
            if (!GoesOn(stream))
            {
                reset = true;
                _position = 0;
            }

            bool cut = stream.Length - _position > MaxBytes;
            _position = cut ? stream.Length - MaxBytes : _position;
            stream.Position = _position;
            byte[] bytes = new byte[stream.Length - _position];
            int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            int end = bytes.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
            if (end == 0)
            {
                return [];
            }

            _position += end;
            _mark = bytes[Math.Max(0, end - MarkBytes)..end];
            string[] lines = Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return cut ? lines[1..] : lines;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The bytes before the position are those that were read last time.
    private bool GoesOn(FileStream stream)
    {
        if (stream.Length < _position)
        {
            return false;
        }

        byte[] before = new byte[_mark.Length];
        stream.Position = _position - before.Length;
        return stream.ReadAtLeast(before, before.Length, throwOnEndOfStream: false) == before.Length && before.AsSpan().SequenceEqual(_mark);
    }
}
