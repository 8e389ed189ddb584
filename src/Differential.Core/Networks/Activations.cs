namespace Differential.Core.Networks;

/// <summary>What a training step does with the outputs of layers that its gradient needs. The results are the same to the bit.</summary>
public enum Activations
{
    /// <summary>They stay on the device from the forward pass on.</summary>
    Kept,

    /// <summary>
    /// The network is cut into segments of which only the outputs that later ones take stay; what lies within is computed again when its gradient is taken
    /// (Chen et al. 2016, "Training deep nets with sublinear memory cost"; gradient checkpointing or remat elsewhere).
    /// </summary>
    Recomputed,
}
