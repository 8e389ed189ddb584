using Differential.Kernels.Devices;

namespace Differential.Core.Files;

/// <summary>Element types that are read and written.</summary>
internal enum SafetensorsType
{
    /// <summary>float32.</summary>
    F32,

    /// <summary>int64.</summary>
    I64,

    /// <summary>uint8.</summary>
    U8,
}

/// <summary>A tensor as the header declares it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Extents, outermost first.</param>
internal sealed record SafetensorsEntry(string Name, SafetensorsType Type, Shape Shape)
{
    /// <summary>First byte within the data; set by the reader.</summary>
    internal long Begin { get; init; }

    /// <summary>Bytes of the data.</summary>
    internal long Size => (long)Shape.Length * SizeOf(Type);

    internal static int SizeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.F32 => sizeof(float),
        SafetensorsType.I64 => sizeof(long),
        _ => sizeof(byte),
    };
}
