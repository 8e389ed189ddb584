using System.Diagnostics.CodeAnalysis;

namespace Differential.Kernels.Devices;

/// <summary>
/// What the factors of matrix products (convolutions and dense layers, forward and both gradients) are rounded to before
/// they are multiplied. Sums are float32 in every case, and so is everything else that a device works out.
/// </summary>
public enum MatrixPrecision
{
    /// <summary>Not rounded.</summary>
    [SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "Job files and the field call it so.")]
    Float32,

    /// <summary>10 bits behind the leading one, the range of float32: an NVIDIA GPU's TensorFloat-32, compute capability 8.0 or newer.</summary>
    Tf32,

    /// <summary>IEEE half precision: 10 bits behind the leading one, 6.1·10⁻⁵ to 65504 (to 6·10⁻⁸ with fewer bits): compute capability 7.5 or newer.</summary>
    Fp16,
}
