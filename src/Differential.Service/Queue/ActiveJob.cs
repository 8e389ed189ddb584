namespace Differential.Service.Queue;

/// <summary>A job that a worker holds.</summary>
/// <param name="Id">Its id.</param>
/// <param name="File">Its file in the worker's folder.</param>
/// <param name="RunFolder">Where its results go.</param>
public sealed record ActiveJob(string Id, string File, string RunFolder)
{
    /// <summary>The file's bytes, so that a file that goes with the worker's folder can be put back; null where they could not be read.</summary>
    public byte[]? Content { get; init; }

    /// <summary>Whether it has its ticket.</summary>
    public bool IsRegistered { get; init; }

    /// <summary>A file whose presence asks for the job's end.</summary>
    public string CancelMarker => Path.ChangeExtension(File, ".cancel");

    /// <summary>Whether the worker still holds it: another worker's takeover moves the file away.</summary>
    public bool IsHeld => System.IO.File.Exists(File);
}
