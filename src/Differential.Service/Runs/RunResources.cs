using System.Text.Json.Serialization;

namespace Differential.Service.Runs;

/// <summary>What a run took of its machine.</summary>
public sealed record RunResources
{
    /// <summary>Most memory of the process that was resident while the run ran, in bytes; jobs that ran beside it in the same process count too.</summary>
    public long PeakMemoryBytes { get; init; }

    /// <summary>Most memory of the run on its device, in bytes.</summary>
    public long PeakDeviceMemoryBytes { get; init; }

    /// <summary>Energy of the processors' packages while the run ran, whatever used it, in joules; null where it can't be read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ProcessorJoules { get; init; }

    /// <summary>Energy of the GPU that the run ran on, whatever used it, in joules; null where it can't be read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GpuJoules { get; init; }

    /// <summary>Both together; null where neither is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? EnergyJoules => ProcessorJoules is null && GpuJoules is null ? null : (ProcessorJoules ?? 0) + (GpuJoules ?? 0);

    /// <summary>With what an earlier process took of the same run.</summary>
    public RunResources With(RunResources? earlier) => earlier is null ? this : new RunResources
    {
        PeakMemoryBytes = Math.Max(PeakMemoryBytes, earlier.PeakMemoryBytes),
        PeakDeviceMemoryBytes = Math.Max(PeakDeviceMemoryBytes, earlier.PeakDeviceMemoryBytes),
        ProcessorJoules = Sum(ProcessorJoules, earlier.ProcessorJoules),
        GpuJoules = Sum(GpuJoules, earlier.GpuJoules),
    };

    // Energy of a part of the run alone would pass for the whole.
    private static double? Sum(double? now, double? before) => now + before;
}
