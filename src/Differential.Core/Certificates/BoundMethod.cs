namespace Differential.Core.Certificates;

/// <summary>How lower bounds on margins are found, from the fastest to the tightest.</summary>
public enum BoundMethod
{
    /// <summary>Boxes, layer after layer (Gowal et al. 2018).</summary>
    Interval,

    /// <summary>Linear bounds of the score on the boxes of the layers before (Zhang et al. 2020, CROWN-IBP).</summary>
    CrownInterval,

    /// <summary>Linear bounds of every neuron and of the score (Zhang et al. 2018, CROWN): one backward pass per neuron.</summary>
    Crown,
}
