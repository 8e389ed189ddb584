using Differential.Kernels.Devices;

namespace Differential.Core.Files;

/// <summary>A float32 tensor of a safetensors file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Extents, outermost first.</param>
/// <param name="Values">[shape.Length], row-major.</param>
public sealed record NamedTensor(string Name, Shape Shape, float[] Values);

/// <summary>An int64 tensor of a safetensors file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Extents, outermost first.</param>
/// <param name="Values">[shape.Length], row-major.</param>
internal sealed record NamedIntegers(string Name, Shape Shape, long[] Values);

/// <summary>A uint8 tensor of a safetensors file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Extents, outermost first.</param>
/// <param name="Values">[shape.Length], row-major.</param>
internal sealed record NamedBytes(string Name, Shape Shape, byte[] Values);
