namespace Differential.Core.Files;

/// <summary>What a safetensors file holds, by element type, each in the order of the data.</summary>
internal sealed record SafetensorsContent
{
    /// <summary>The float32 tensors.</summary>
    public required IReadOnlyList<NamedTensor> Tensors { get; init; }

    /// <summary>The int64 tensors.</summary>
    public IReadOnlyList<NamedIntegers> Integers { get; init; } = [];

    /// <summary>The uint8 tensors.</summary>
    public IReadOnlyList<NamedBytes> Bytes { get; init; } = [];

    /// <summary>The file's <c>__metadata__</c>.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
}
