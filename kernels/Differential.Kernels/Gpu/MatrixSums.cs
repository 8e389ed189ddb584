namespace Differential.Kernels.Gpu;

/// <summary>Two 32-bit words that a kernel keeps in registers and stores as one unit.</summary>
internal struct Word2(int x, int y)
{
    public int X = x;
    public int Y = y;
}

/// <summary>Four 32-bit words that a kernel keeps in registers and stores as one unit.</summary>
internal struct Word4(int x, int y, int z, int w)
{
    public int X = x;
    public int Y = y;
    public int Z = z;
    public int W = w;
}

/// <summary>One thread's fragments of a warp's 64 rows and 8 words of k.</summary>
internal struct MatrixRows(Word4 a0, Word4 a1, Word4 a2, Word4 a3)
{
    public Word4 A0 = a0;
    public Word4 A1 = a1;
    public Word4 A2 = a2;
    public Word4 A3 = a3;
}

/// <summary>One thread's fragments of a warp's 32 columns and 8 words of k.</summary>
internal struct MatrixColumns(Word2 b0, Word2 b1, Word2 b2, Word2 b3)
{
    public Word2 B0 = b0;
    public Word2 B1 = b1;
    public Word2 B2 = b2;
    public Word2 B3 = b3;
}

/// <summary>One thread's part of 16 × 32 sums of a warp: the results of four matrix instructions side by side.</summary>
internal struct MatrixRow
{
    public Float4 C0;
    public Float4 C1;
    public Float4 C2;
    public Float4 C3;
}

/// <summary>One thread's part of the 64 × 32 sums of a warp.</summary>
internal struct MatrixSums
{
    public MatrixRow Row0;
    public MatrixRow Row1;
    public MatrixRow Row2;
    public MatrixRow Row3;
}
