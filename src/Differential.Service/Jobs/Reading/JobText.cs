using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Differential.Core;
using Differential.Core.Files;

namespace Differential.Service.Jobs.Reading;

/// <summary>From a file's bytes to JSON: encoding, size, syntax and depth, before anything is made of them.</summary>
internal static class JobText
{
    /// <summary>Largest job file, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>What is said of a file that is not there.</summary>
    public const string NoSuchFile = "no such file";

    private const int MaxDepth = 32;

    private const string Json = "JSON in UTF-8, comments and trailing commas allowed";

    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a file of at most <see cref="MaxBytes"/>.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="name">What messages call it; the path by default.</param>
    public static byte[] ReadBytes(string path, string? name = null)
    {
        string file = name ?? path;
        try
        {
            if (Directory.Exists(path))
            {
                throw new InputException(file, string.Empty, "a folder", "a job file");
            }

            using FileStream stream = RegularFile.OpenRead(path);
            byte[] bytes = new byte[Math.Min(stream.Length, MaxBytes) + 1];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return bytes[..length];
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException(file, string.Empty, NoSuchFile, "an existing job file");
        }
        catch (NotRegularFileException exception)
        {
            throw new InputException(file, string.Empty, exception.Kind, "a regular file");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException(file, string.Empty, $"cannot be read ({exception.Message.TrimEnd('.')})", "a readable job file");
        }
    }

    /// <summary>The document of a file's bytes.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> bytes, string file)
    {
        ReadOnlyMemory<byte> text = bytes.Span.StartsWith(Utf8Mark) ? bytes[Utf8Mark.Length..] : bytes;
        CheckEncoding(text.Span, file);
        try
        {
            CheckSyntax(text.Span, file);
            return JsonDocument.Parse(text, new JsonDocumentOptions
            {
                AllowTrailingCommas = true,
                CommentHandling = JsonCommentHandling.Skip,
                MaxDepth = MaxDepth,
            });
        }
        catch (JsonException exception)
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"line {(exception.LineNumber ?? 0) + 1}, column {(exception.BytePositionInLine ?? 0) + 1}");
            bool atEnd = place == Place(text.Span, text.Length);
            throw new InputException(file, place, atEnd ? "the file ends in the middle of the JSON, or before it" : Sentence(exception.Message), Json);
        }
    }

    private static void CheckEncoding(ReadOnlySpan<byte> text, string file)
    {
        if (text.Length > MaxBytes)
        {
            throw new InputException(file, string.Empty, $"more than {MaxBytes} bytes", $"a job file of at most {MaxBytes} bytes");
        }

        if (text.Trim(" \t\r\n"u8).IsEmpty)
        {
            throw new InputException(file, string.Empty, "empty", Json);
        }

        // UTF-16 and UTF-32 with or without their mark: one of the first two bytes is 0, 0xFE or 0xFF.
        if (text.Length > 1 && (text[0] is 0 or 0xFE or 0xFF || text[1] == 0))
        {
            throw new InputException(file, string.Empty, "text in UTF-16 or UTF-32, or no text", Json);
        }

        if (!Utf8.IsValid(text))
        {
            int position = 0;
            while (Rune.DecodeFromUtf8(text[position..], out _, out int consumed) == OperationStatus.Done)
            {
                position += consumed;
            }

            throw new InputException(file, Place(text, position), $"the byte 0x{text[position]:X2}, which is not UTF-8", Json);
        }
    }

    /// <summary>Reads every token once: syntax and depth, and texts with half a surrogate pair, which no string can hold.</summary>
    private static void CheckSyntax(ReadOnlySpan<byte> text, string file)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = MaxBytes,
        });
        while (reader.Read())
        {
            if (reader.CurrentDepth >= MaxDepth && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                throw new InputException(
                    file, Place(text, (int)reader.TokenStartIndex), $"objects and lists nested more than {MaxDepth} deep", $"at most {MaxDepth}");
            }

            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && !IsText(ref reader))
            {
                throw new InputException(file, Place(text, (int)reader.TokenStartIndex), "half of a surrogate pair in a text", "pairs of both halves");
            }
        }
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            _ = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Place(ReadOnlySpan<byte> text, int position)
    {
        ReadOnlySpan<byte> before = text[..position];
        int line = before.Count((byte)'\n') + 1;
        int column = position - (before.LastIndexOf((byte)'\n') + 1) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"line {line}, column {column}");
    }

    /// <summary>The parser's message without the position that it repeats at its end.</summary>
    private static string Sentence(string message)
    {
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.', ' ').ReplaceLineEndings(" ");
    }
}
