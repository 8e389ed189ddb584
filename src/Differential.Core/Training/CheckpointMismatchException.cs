namespace Differential.Core.Training;

/// <summary>A folder holds the checkpoint of another job: other options, another seed or other data.</summary>
/// <param name="folder">The folder.</param>
public sealed class CheckpointMismatchException(string folder)
    : Exception($"{folder}: the checkpoint is of another job (other options, seed or data); take another folder, or start afresh")
{
    public string Folder { get; } = folder;
}
