using System.Globalization;
using Differential.Core.Files;

namespace Differential.Core.Onnx;

/// <summary>
/// Constants that lie in files beside the model. A location is a path below the model's folder, links followed; a model takes no more bytes
/// of a file than the file has, so that a short model cannot ask for much memory.
/// </summary>
/// <param name="model">The model's file.</param>
internal sealed class OnnxExternalData(string model)
{
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(model)) ?? ".";
    private readonly Dictionary<string, long> _left = [];

    /// <param name="tensor">Its name, for messages.</param>
    /// <param name="entries">What the model says of the place: location, offset, length.</param>
    /// <param name="needed">Bytes that the tensor's shape needs.</param>
    /// <exception cref="InputException">It is outside the folder, missing or of another length.</exception>
    public ReadOnlyMemory<byte> Read(string tensor, IReadOnlyDictionary<string, string> entries, long needed)
    {
        string place = OnnxTensorReader.Place(tensor);
        if (!entries.TryGetValue("location", out string? location) || location.Length == 0)
        {
            throw new InputException(model, place, "external data without a location", "a file below the model's folder");
        }

        string path = Inside(location, place);
        long offset = Number(entries, "offset", 0, place);
        long length = Number(entries, "length", needed, place);
        try
        {
            using FileStream stream = RegularFile.OpenRead(path);
            long left = _left.TryGetValue(path, out long known) ? known : stream.Length;
            if (length != needed || needed > Array.MaxLength || offset > stream.Length || length > stream.Length - offset || length > left)
            {
                throw new InputException(model, place, $"{length} bytes from byte {offset} of {location}, which has {stream.Length}", $"{needed} bytes, as its shape says, taken once");
            }

            _left[path] = left - length;
            byte[] bytes = new byte[length];
            stream.Position = offset;
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(model, place, $"{location}: {InputFiles.Unreadable(path, exception, string.Empty).Found}", "a file below the model's folder");
        }
    }

    private string Inside(string location, string place)
    {
        bool isPlain = !Path.IsPathRooted(location) && !location.Contains('\0', StringComparison.Ordinal) && !location.Split('/', '\\').Contains("..");
        if (isPlain)
        {
            string path = Path.GetFullPath(Path.Combine(_folder, location));
            if (IsBelow(path, _folder) && IsBelow(Resolved(path), Resolved(_folder)))
            {
                return path;
            }
        }

        throw new InputException(model, place, $"external data in '{location}'", "a file below the model's folder");
    }

    private static bool IsBelow(string path, string folder) => path.StartsWith(folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>A path without links, as far as it is there.</summary>
    private static string Resolved(string path)
    {
        string root = Path.GetPathRoot(path) ?? string.Empty;
        string resolved = root;
        foreach (string part in path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            resolved = Path.Combine(resolved, part);
            FileSystemInfo info = Directory.Exists(resolved) ? new DirectoryInfo(resolved) : new FileInfo(resolved);
            resolved = info.LinkTarget is null ? resolved : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? resolved;
        }

        return resolved;
    }

    private long Number(IReadOnlyDictionary<string, string> entries, string key, long missing, string place)
    {
        if (!entries.TryGetValue(key, out string? text))
        {
            return missing;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new InputException(model, place, $"external data with the {key} '{text}'", "a number of bytes, at least 0");
    }
}
