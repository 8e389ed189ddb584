using System.Text.Json.Serialization;
using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>The networks that a certificate speaks of.</summary>
public enum Arithmetic
{
    /// <summary>The real-valued network: its float32 weights, computed without any rounding.</summary>
    [JsonStringEnumMemberName("exact")]
    Exact,

    /// <summary>
    /// The real-valued network and the one that this program computes in float32: on the SIMD device with vectors of any width, in the orders of
    /// <see cref="Kernels.Simd.SimdSums"/>. On another device as <see cref="AnyOrder"/>.
    /// </summary>
    [JsonStringEnumMemberName("float32")]
    Rounded,

    /// <summary>The real-valued network and every one that computes its layers in float32, in whatever order they are summed.</summary>
    [JsonStringEnumMemberName("anyOrder")]
    AnyOrder,
}

internal static class ArithmeticOrders
{
    /// <summary>What is meant on a device: only of the SIMD device the orders are known.</summary>
    public static Arithmetic On(this Arithmetic arithmetic, ComputeDevice device) =>
        arithmetic == Arithmetic.Rounded && device is not SimdDevice { VectorBits: >= 128 } ? Arithmetic.AnyOrder : arithmetic;
}
