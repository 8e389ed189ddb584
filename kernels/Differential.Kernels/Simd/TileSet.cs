using System.Runtime.CompilerServices;

namespace Differential.Kernels.Simd;

/// <summary>The register tiles of one vector width, by number of rows and vectors.</summary>
internal sealed unsafe class TileSet
{
    private const int MaxTileLength = 14 * 32;

    private readonly delegate*<TileOperands*, void>[] _tiles;
    private readonly delegate*<DotOperands*, void>[] _dots;

    private TileSet(int length, int rows, delegate*<TileOperands*, void>[] tiles, delegate*<DotOperands*, void>[] dots)
    {
        Length = length;
        Rows = rows;
        _tiles = tiles;
        _dots = dots;
    }

    /// <summary>Floats in a vector.</summary>
    public int Length { get; }

    /// <summary>Most rows of a tile.</summary>
    public int Rows { get; }

    /// <summary>Floats in a row of a two-vector tile.</summary>
    public int Columns => 2 * Length;

    public static TileSet Create(int bits)
    {
        Builder builder = default;
        SimdWidth.Invoke(bits, ref builder);
        return builder.Result!;
    }

    /// <summary><paramref name="columns"/> rounded up to whole vectors.</summary>
    public int Pad(int columns) => (columns + Length - 1) / Length * Length;

    /// <summary>Computes one tile of 1 … <see cref="Rows"/> rows and 1 or 2 vectors.</summary>
    public void Multiply(int rows, int vectors, TileOperands* operands) => _tiles[(2 * rows) + vectors - 3](operands);

    /// <summary>Most columns of a tile of dot products.</summary>
    public int DotColumns => _dots.Length / DotTile.Rows;

    /// <summary>Adds the dot products of any number of left rows with 1 … <see cref="DotColumns"/> right rows.</summary>
    [SkipLocalsInit]
    public void Dot(in DotOperands operands, int rows, int columns)
    {
        DotOperands tile = operands;
        float* sums = stackalloc float[DotTile.MaxSums];
        tile.Sums = sums;
        while (rows > 0)
        {
            int height = Math.Min(rows, DotTile.Rows);
            _dots[(DotTile.Rows * (columns - 1)) + height - 1](&tile);
            tile.Left += height * tile.LeftStride;
            tile.Output += height * tile.OutputStride;
            rows -= height;
        }
    }

    /// <summary>
    /// Computes any number of rows in tiles of nearly equal height. Only <paramref name="columns"/> ≤
    /// <see cref="Columns"/> of each output row are written; start and right operand are read in whole vectors.
    /// </summary>
    [SkipLocalsInit]
    public void MultiplyRows(in TileOperands operands, int rows, int columns)
    {
        TileOperands tile = operands;
        int vectors = columns > Length ? 2 : 1;
        bool whole = columns == vectors * Length;
        float* scratch = stackalloc float[MaxTileLength];
        for (int tiles = (rows + Rows - 1) / Rows; tiles > 0; tiles--)
        {
            int height = rows / tiles;
            rows -= height;
            if (whole)
            {
                Multiply(height, vectors, &tile);
            }
            else
            {
                TileOperands partial = tile;
                partial.Output = scratch;
                partial.OutputStride = Columns;
                Multiply(height, vectors, &partial);
                for (int i = 0; i < height; i++)
                {
                    new ReadOnlySpan<float>(scratch + (i * Columns), columns).CopyTo(new Span<float>(tile.Output + (i * tile.OutputStride), columns));
                }
            }

            tile.Left += height * tile.RowStride;
            tile.Start += height * tile.StartStride;
            tile.Output += height * tile.OutputStride;
        }
    }

    /// <summary>output[j] = Σ over rows r of <paramref name="source"/>[r·stride + j], in the order of the rows.</summary>
    public void SumRows(float* source, nint stride, nint rows, float* output, int columns)
    {
        float one = 1;
        float* zeros = stackalloc float[MaxTileLength];
        for (int column = 0; column < columns; column += Columns)
        {
            TileOperands operands = new()
            {
                Left = &one,
                Right = source + column,
                RightStride = stride,
                Steps = rows,
                Segments = 1,
                Start = zeros,
                Output = output + column,
                Floor = float.NegativeInfinity,
            };
            MultiplyRows(operands, 1, Math.Min(Columns, columns - column));
        }
    }

    private struct Builder : ISimdAction
    {
        public TileSet? Result { get; private set; }

        public void Invoke<TVector, TSimd>()
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
        {
            var tiles = new delegate*<TileOperands*, void>[2 * TSimd.TileRows];
            Add<TVector, TSimd, Counts.One>(tiles);
            Add<TVector, TSimd, Counts.Two>(tiles);
            Add<TVector, TSimd, Counts.Three>(tiles);
            Add<TVector, TSimd, Counts.Four>(tiles);
            Add<TVector, TSimd, Counts.Five>(tiles);
            Add<TVector, TSimd, Counts.Six>(tiles);
            if (TSimd.TileRows > 6)
            {
                Add<TVector, TSimd, Counts.Seven>(tiles);
                Add<TVector, TSimd, Counts.Eight>(tiles);
                Add<TVector, TSimd, Counts.Nine>(tiles);
                Add<TVector, TSimd, Counts.Ten>(tiles);
                Add<TVector, TSimd, Counts.Eleven>(tiles);
                Add<TVector, TSimd, Counts.Twelve>(tiles);
                Add<TVector, TSimd, Counts.Thirteen>(tiles);
                Add<TVector, TSimd, Counts.Fourteen>(tiles);
            }

            // Two rows of eight sums and their operands fit into 32 registers only.
            var dots = new delegate*<DotOperands*, void>[DotTile.Rows * (TSimd.TileRows > 6 ? DotTile.Columns : DotTile.Columns / 2)];
            AddDots<TVector, TSimd, Counts.One>(dots);
            AddDots<TVector, TSimd, Counts.Two>(dots);
            AddDots<TVector, TSimd, Counts.Three>(dots);
            AddDots<TVector, TSimd, Counts.Four>(dots);
            if (TSimd.TileRows > 6)
            {
                AddDots<TVector, TSimd, Counts.Five>(dots);
                AddDots<TVector, TSimd, Counts.Six>(dots);
                AddDots<TVector, TSimd, Counts.Seven>(dots);
                AddDots<TVector, TSimd, Counts.Eight>(dots);
            }

            Result = new TileSet(TSimd.Length, TSimd.TileRows, tiles, dots);
        }

        private static void AddDots<TVector, TSimd, TColumns>(delegate*<DotOperands*, void>[] dots)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
            where TColumns : struct, ICount
        {
            int index = DotTile.Rows * (TColumns.Value - 1);
            dots[index] = &DotTile.Multiply<TVector, TSimd, Counts.One, TColumns>;
            dots[index + 1] = &DotTile.Multiply<TVector, TSimd, Counts.Two, TColumns>;
        }

        private static void Add<TVector, TSimd, TRows>(delegate*<TileOperands*, void>[] tiles)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
            where TRows : struct, ICount
        {
            int index = 2 * (TRows.Value - 1);
            tiles[index] = &RegisterTile.Multiply<TVector, TSimd, TRows, Counts.One>;
            tiles[index + 1] = &RegisterTile.Multiply<TVector, TSimd, TRows, Counts.Two>;
        }
    }
}
