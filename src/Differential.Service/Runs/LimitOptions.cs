using System.ComponentModel.DataAnnotations;

namespace Differential.Service.Runs;

/// <summary>How large a job may be; configuration section <c>Limits</c>.</summary>
public sealed record LimitOptions
{
    /// <summary>Most weights and biases of one network.</summary>
    [Range(1, int.MaxValue)]
    public long MaxParameters { get; init; } = 250_000_000;

    /// <summary>Most memory that a job's data, network and activations may need, in bytes; 0 takes what this machine has.</summary>
    [Range(0, long.MaxValue)]
    public long MaxMemoryBytes { get; init; }

    /// <summary>Most memory that a job may take on its device, in bytes; 0 takes what the device has free.</summary>
    [Range(0, long.MaxValue)]
    public long MaxDeviceMemoryBytes { get; init; }
}
