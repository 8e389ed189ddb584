namespace Differential.Core.Networks;

/// <summary>What a forward pass is for, for the layers that compute something else in training.</summary>
public enum PassMode
{
    /// <summary>Evaluations and attacks.</summary>
    Infer,

    /// <summary>The forward pass of a training step.</summary>
    Train,
}
