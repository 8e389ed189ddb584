namespace Differential.Kernels.Simd;

/// <summary>
/// The order in which the SIMD device adds up, for those who bound what it rounds. Its tests compare both operations with these orders, bit for bit.
/// <para>A direct convolution adds one product after another to the bias: by kernel row, kernel column and channel, without those in the padding.</para>
/// <para>
/// A dense layer adds to the bias one block of inputs after another. Within a block each lane of a vector adds every so many-th product; the
/// lanes are added together, and then the products that filled no vector, one after another.
/// </para>
/// <para>Each product is added fused where the processor can.</para>
/// </summary>
public static class SimdSums
{
    /// <summary>Inputs of a block of a dense layer.</summary>
    public const int BlockInputs = 1024;

    /// <summary>Lanes of the vectors that processors have: 128, 256 and 512 bits.</summary>
    public static ReadOnlySpan<int> Lanes => [4, 8, 16];
}
