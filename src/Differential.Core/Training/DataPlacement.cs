namespace Differential.Core.Training;

/// <summary>Where the samples of a training are: in the device's memory, or on the host, from where they come batch by batch.</summary>
/// <param name="Train">Whether the training samples lie on the device.</param>
/// <param name="Test">Whether the test samples do.</param>
internal readonly record struct DataPlacement(bool Train, bool Test)
{
    /// <summary>From what takes most memory, and no copies in the steps, to what takes least.</summary>
    public static IReadOnlyList<DataPlacement> All { get; } = [new(true, true), new(true, false), new(false, false)];
}
