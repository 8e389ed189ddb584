namespace Differential.Kernels.Devices;

/// <summary>How the convolutions of training steps and of the search of attacks are computed; evaluations, certificates and the verdict on every flip are always direct.</summary>
public enum ConvolutionMethod
{
    /// <summary>Sums of products, term by term.</summary>
    Direct,

    /// <summary>
    /// Winograd's minimal filtering where the geometry allows it (3 × 3, stride 1, whole vectors of channels and filters), direct elsewhere.
    /// About four times fewer products; errors are some ten times those of the direct sums.
    /// </summary>
    Fast,
}
