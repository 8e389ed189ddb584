namespace Differential.Core.Networks;

/// <summary>What a forward pass is for, for the layers that compute something else in training.</summary>
public enum PassMode
{
    /// <summary>Evaluations, and whatever decides a sample.</summary>
    Infer,

    /// <summary>The forward pass of an attack's search, or of the attack within a training step: it says where to go on, and decides nothing.</summary>
    Search,

    /// <summary>The forward pass of a training step.</summary>
    Train,
}
