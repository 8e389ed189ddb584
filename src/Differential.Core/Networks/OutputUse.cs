namespace Differential.Core.Networks;

/// <summary>What a layer's own gradient needs of the layer's output.</summary>
internal enum OutputUse
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Where it is positive, in <see cref="PlannedLayer.BackwardActivation"/> alone.</summary>
    Signs,

    /// <summary>Its values.</summary>
    Values,
}
