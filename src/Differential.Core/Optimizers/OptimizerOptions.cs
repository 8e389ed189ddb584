using System.ComponentModel;
using System.Text.Json.Serialization;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Optimizers;

/// <summary>How parameters are updated.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SgdOptions), "sgd")]
[JsonDerivedType(typeof(AdamOptions), "adam")]
[JsonDerivedType(typeof(NormalizedGradientOptions), "normalizedGradient")]
public abstract record OptimizerOptions
{
    [Description("The learning rate over the run: constant, or a half cosine down to 0.")]
    public Schedule Schedule { get; init; } = Schedule.Constant;

    /// <summary>The initial learning rate.</summary>
    [JsonIgnore]
    public abstract double InitialLearningRate { get; }

    /// <summary>The optimizer with these settings for a network's parameters; the caller owns it.</summary>
    /// <exception cref="DeviceMemoryException">The device has no room for what it remembers.</exception>
    public abstract Optimizer CreateOptimizer(Network network);
}

/// <summary>How the learning rate changes over a run.</summary>
public enum Schedule
{
    /// <summary>The same at every step.</summary>
    Constant,

    /// <summary>η·(1 + cos(π·step / steps)) / 2.</summary>
    Cosine,
}
