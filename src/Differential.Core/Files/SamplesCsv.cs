using System.Globalization;
using System.Text;

namespace Differential.Core.Files;

/// <summary>
/// <c>samples.csv</c> (RFC 4180, CRLF, numbers that read back to the same float32): <c>index</c>, <c>label</c>, <c>cleanScore</c>, then a
/// column per attack and budget; <c>model</c> and <c>split</c> in front where they are given.
/// </summary>
internal static class SamplesCsv
{
    private const string LineEnd = "\r\n";

    /// <summary>Writes the file durably.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public static void Write(string path, IReadOnlyList<SamplesPart> parts) => DurableFile.Write(path, stream =>
    {
        using StreamWriter writer = new(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        Write(writer, parts);
    });

    /// <exception cref="ArgumentException">The parts' columns or lengths differ.</exception>
    public static void Write(TextWriter writer, IReadOnlyList<SamplesPart> parts)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(parts);
        bool hasModel = parts.Any(part => part.Model is not null);
        bool hasSplit = parts.Any(part => part.Split is not null);
        string[] columns = parts.Count == 0 ? [] : [.. parts[0].Columns.Select(column => column.Name)];
        WriteRow(writer, [.. Leading(hasModel, "model"), .. Leading(hasSplit, "split"), "index", "label", "cleanScore", .. columns]);
        foreach (SamplesPart part in parts)
        {
            int count = part.Indices.Count;
            if (!part.Columns.Select(column => column.Name).SequenceEqual(columns) || part.Labels.Count != count ||
                part.CleanScores.Count != count || part.Columns.Any(column => column.Count != count))
            {
                throw new ArgumentException("The columns or their lengths differ.", nameof(parts));
            }

            for (int i = 0; i < count; i++)
            {
                WriteRow(
                    writer,
                    [
                        .. Leading(hasModel, part.Model ?? string.Empty),
                        .. Leading(hasSplit, part.Split ?? string.Empty),
                        part.Indices[i].ToString(CultureInfo.InvariantCulture),
                        part.Labels[i].ToString(CultureInfo.InvariantCulture),
                        part.CleanScores[i].ToString("R", CultureInfo.InvariantCulture),
                        .. part.Columns.Select(column => column.Field(i)),
                    ]);
            }
        }

        static string[] Leading(bool isThere, string field) => isThere ? [field] : [];
    }

    private static void WriteRow(TextWriter writer, IReadOnlyList<string> fields)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            if (i > 0)
            {
                writer.Write(',');
            }

            string field = fields[i];
            writer.Write(field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        }

        writer.Write(LineEnd);
    }
}
