namespace Differential.Core;

/// <summary>Device memory that some work needs and that is not there.</summary>
public sealed record MemoryShortage
{
    /// <summary>The work, e.g. <c>the training</c>.</summary>
    public required string Work { get; init; }

    /// <summary>The device's id.</summary>
    public required string Device { get; init; }

    /// <summary>What the work needs, in bytes.</summary>
    public required long NeededBytes { get; init; }

    /// <summary>What of the device's memory it can have, in bytes.</summary>
    public required long AvailableBytes { get; init; }

    /// <summary>The batch size that was asked for; null where there is none to choose.</summary>
    public int? Batch { get; init; }

    /// <summary>The largest batch size that fits; null where not even the smallest does.</summary>
    public int? LargestBatch { get; init; }

    /// <summary>What was found: the need and what there is.</summary>
    public string Found => FormattableString.Invariant(
        $"{Work}{(Batch is { } batch ? $" in batches of {batch}" : string.Empty)} needs {NeededBytes:N0} bytes of the memory of {Device}, which has {AvailableBytes:N0} for it");

    /// <summary>What would fit.</summary>
    public string Allowed => (Batch, LargestBatch) switch
    {
        (not null, { } largest) => FormattableString.Invariant($"a batch of at most {largest}"),
        (not null, null) => "a smaller network or a device with more memory: not even the smallest batch fits",
        _ => "a smaller network, fewer samples or a device with more memory",
    };
}

/// <summary>A device has not enough memory for some work; the message says how much that needs, how much there is and which batch would fit.</summary>
public sealed class MemoryShortageException(MemoryShortage shortage, Exception? inner = null) : Exception($"{shortage?.Found}; allowed: {shortage?.Allowed}", inner)
{
    public MemoryShortage Shortage { get; } = shortage!;
}
