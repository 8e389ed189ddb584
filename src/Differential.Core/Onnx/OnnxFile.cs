using Differential.Core.Files;

namespace Differential.Core.Onnx;

/// <summary>
/// Reads <c>.onnx</c> files. They are not trusted: lengths are those of bytes that are there, constants are views of the file, nothing nests
/// deeper than a tensor in an attribute, and constants in other files lie in the model's own folder.
/// </summary>
internal static class OnnxFile
{
    private const string Allowed = "an ONNX model";

    /// <summary>Reads a whole model.</summary>
    /// <exception cref="InputException">The file is missing, unreadable, larger than 2 GB or no such model.</exception>
    public static OnnxModel Read(string path)
    {
        try
        {
            byte[] bytes = RegularFile.ReadAllBytes(path, Array.MaxLength);
            return Parse(bytes, path, new OnnxExternalData(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw InputFiles.Unreadable(path, exception, Allowed);
        }
    }

    /// <summary>Reads a model out of bytes.</summary>
    /// <param name="bytes">The file's.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="external">Where constants in other files are.</param>
    /// <exception cref="InputException">It is no such model.</exception>
    public static OnnxModel Parse(ReadOnlyMemory<byte> bytes, string file, OnnxExternalData external)
    {
        try
        {
            return new OnnxReader(file, external).Model(bytes);
        }
        catch (FormatException exception)
        {
            throw new InputException(file, string.Empty, exception.Message, Allowed);
        }
    }
}
