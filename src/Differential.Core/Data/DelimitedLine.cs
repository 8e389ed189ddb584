using System.Text;

namespace Differential.Core.Data;

/// <summary>The fields of a line of text, separated by commas, semicolons or tabs; a field may stand in double quotes, in which two quotes are one (RFC 4180).</summary>
internal static class DelimitedLine
{
    /// <summary>The separator that a line has: a tab, a semicolon or a comma outside quotes, in this order.</summary>
    public static byte Separator(ReadOnlySpan<byte> line)
    {
        bool semicolon = false;
        bool quoted = false;
        foreach (byte b in line)
        {
            quoted ^= b == (byte)'"';
            if (!quoted && b == (byte)'\t')
            {
                return b;
            }

            semicolon |= !quoted && b == (byte)';';
        }

        return semicolon ? (byte)';' : (byte)',';
    }

    /// <summary>Takes the next field off a line, without its quotes.</summary>
    /// <param name="line">What is left of the line; without the field and its separator afterwards.</param>
    /// <param name="separator">Between fields.</param>
    /// <param name="isLast">Whether nothing follows.</param>
    /// <param name="mistake">What is wrong with it; null where nothing is.</param>
    public static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> line, byte separator, out bool isLast, out string? mistake)
    {
        mistake = null;
        ReadOnlySpan<byte> trimmed = line.TrimStart((byte)' ');
        if (trimmed.IsEmpty || trimmed[0] != (byte)'"')
        {
            int end = line.IndexOf(separator);
            isLast = end < 0;
            ReadOnlySpan<byte> field = isLast ? line : line[..end];
            line = isLast ? [] : line[(end + 1)..];
            return field.Trim((byte)' ');
        }

        int close = 1;
        bool doubled = false;
        while (close < trimmed.Length && (trimmed[close] != (byte)'"' || (close + 1 < trimmed.Length && trimmed[close + 1] == (byte)'"')))
        {
            doubled |= trimmed[close] == (byte)'"';
            close += trimmed[close] == (byte)'"' ? 2 : 1;
        }

        if (close >= trimmed.Length)
        {
            (isLast, mistake) = (true, "a quote that is not closed on its line");
            line = [];
            return [];
        }

        ReadOnlySpan<byte> content = trimmed[1..close];
        ReadOnlySpan<byte> rest = trimmed[(close + 1)..].TrimStart((byte)' ');
        isLast = rest.IsEmpty;
        if (!isLast && rest[0] != separator)
        {
            mistake = "text after a closing quote";
        }

        line = isLast ? [] : rest[1..];
        return doubled ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content).Replace("\"\"", "\"", StringComparison.Ordinal)) : content;
    }
}
