using Differential.Kernels.Gpu;

namespace Differential.Kernels.Gemm;

/// <summary>
/// One factor of a product C[r, c] = Σₖ A(r, k)·B(c, k): a matrix in memory or one that is only computed (the patches
/// of a convolution). <c>outer</c> is a row or column of C.
/// </summary>
internal interface IOperand
{
    /// <summary>True where <see cref="Load"/> yields four consecutive k of one outer; else four consecutive outers of one k.</summary>
    static abstract bool AlongK { get; }

    /// <summary>Four elements from (outer, k) on; those beyond the operand or from <paramref name="kEnd"/> on are 0. The varying index is a multiple of 4.</summary>
    Float4 Load(int outer, int k, int kEnd);

    /// <summary>True where each four elements of <see cref="Load"/> lie in one 16-byte unit of memory.</summary>
    bool IsAligned { get; }

    /// <summary>As <see cref="Load"/> where <see cref="IsAligned"/>, and without a branch.</summary>
    Float4 LoadAligned(int outer, int k, int kEnd);
}

/// <summary>Where a product goes, with what is folded into its store.</summary>
internal interface ISink
{
    /// <summary>Takes C[row, column … column + 3]; columns beyond the last are dropped. The row is a valid one.</summary>
    void Store(int row, int column, Float4 values);
}

/// <summary>The tile of C that one group computes, as compile-time constants that are powers of two; each thread holds 8 × 8 sums.</summary>
internal interface ITile
{
    static abstract int Rows { get; }

    static abstract int Columns { get; }

    /// <summary>Steps of k held in shared memory at a time, a multiple of 4; words of k, a multiple of 8, for matrix instructions.</summary>
    static abstract int Depth { get; }
}

/// <summary>128 threads: products with more than 32 columns.</summary>
internal readonly struct WideTile : ITile
{
    public static int Rows => 128;

    public static int Columns => 64;

    public static int Depth => 16;
}

/// <summary>64 threads: products with at most 32 columns, as many convolutions have filters.</summary>
internal readonly struct NarrowTile : ITile
{
    public static int Rows => 128;

    public static int Columns => 32;

    public static int Depth => 16;
}

/// <summary>4 threads: ILGPU's CPU accelerator, which starts a thread for each.</summary>
internal readonly struct SimulatorTile : ITile
{
    public static int Rows => 16;

    public static int Columns => 16;

    public static int Depth => 8;
}

/// <summary>One warp of 32 threads: matrix instructions on ILGPU's CPU accelerator.</summary>
internal readonly struct SimulatedWarpTile : ITile
{
    public static int Rows => 64;

    public static int Columns => 32;

    public static int Depth => 8;
}
