using Differential.Core.Files;

namespace Differential.Service.Hosting;

/// <summary>Whether a run's folder can be written, by writing to it.</summary>
internal static class RunFolderProbe
{
    private const string Name = ".probe";

    /// <summary>Makes the folder where it is missing and writes a file of some length.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "checkpoint"));
        string file = Path.Combine(folder, "checkpoint", Name);
        try
        {
            DurableFile.WriteBytes(file, new byte[1024]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Why it can't be written; null where it can.</summary>
    public static string? Trouble(string folder)
    {
        try
        {
            Write(folder);
            return null;
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            return exception.Message;
        }
    }
}
