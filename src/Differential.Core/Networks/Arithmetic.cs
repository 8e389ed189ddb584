using System.Text.Json.Serialization;

namespace Differential.Core.Networks;

/// <summary>The networks that a certificate speaks of.</summary>
public enum Arithmetic
{
    /// <summary>The real-valued network: its float32 weights, computed without any rounding.</summary>
    [JsonStringEnumMemberName("exact")]
    Exact,

    /// <summary>The real-valued network and every one that computes its layers in float32, in whatever order they are summed.</summary>
    [JsonStringEnumMemberName("float32")]
    Rounded,
}
