namespace Differential.Core.Arrays;

/// <summary>An array as a file describes it: its elements are read one after another, as they are stored.</summary>
/// <param name="Source">Where it is.</param>
/// <param name="HeaderBytes">Bytes before the first element.</param>
/// <param name="Type">Of the elements.</param>
/// <param name="Dimensions">The first counts the samples.</param>
/// <param name="Fortran">Whether the first index goes up fastest, else the last.</param>
internal sealed record StoredArray(ArraySource Source, int HeaderBytes, ElementType Type, IReadOnlyList<int> Dimensions, bool Fortran = false)
{
    private const int ChunkElements = 1 << 15;

    /// <summary>Most elements of a sample.</summary>
    public const int MaxSample = 1 << 26;

    public int Count => Dimensions[0];

    /// <summary>Elements of a sample.</summary>
    public int SampleLength => Dimensions.Skip(1).Aggregate(1, (length, dimension) => checked(length * dimension));

    /// <summary>What is wrong with the dimensions; null where nothing is.</summary>
    public static string? Check(IReadOnlyList<long> dimensions)
    {
        long sample = 1;
        foreach (long dimension in dimensions.Skip(1))
        {
            if (dimension < 1 || (sample *= Math.Min(dimension, MaxSample + 1L)) > MaxSample)
            {
                return "samples of no elements, or of too many";
            }
        }

        return dimensions.Count == 0 ? "an array of no dimensions" : dimensions[0] is < 0 or > int.MaxValue ? $"{dimensions[0]} samples" : null;
    }

    /// <summary>Goes through the elements as they are stored.</summary>
    /// <param name="visit">Told of the first element's number and of some values at a time.</param>
    /// <exception cref="InputException">The file is cut or damaged.</exception>
    public void ForEach(Action<long, ReadOnlySpan<double>> visit)
    {
        byte[] bytes = new byte[ChunkElements * Type.Size];
        double[] values = new double[ChunkElements];
        ForEachBlock(bytes, (start, block) =>
        {
            int count = block.Length / Type.Size;
            for (int i = 0; i < count; i++)
            {
                values[i] = Type.Value(block[(i * Type.Size)..]);
            }

            visit(start / Type.Size, values.AsSpan(0, count));
        });
    }

    /// <summary>Goes through whole samples of bytes as they are stored.</summary>
    /// <param name="visit">Told of each sample's number and bytes.</param>
    /// <exception cref="InputException">The file is cut or damaged.</exception>
    public void ForEachSample(Action<int, ReadOnlySpan<byte>> visit)
    {
        int length = SampleLength * Type.Size;
        ForEachBlock(new byte[length], (start, block) => visit((int)(start / length), block));
    }

    private void ForEachBlock(byte[] buffer, Action<long, ReadOnlySpan<byte>> visit)
    {
        long total = (long)Count * SampleLength * Type.Size;
        try
        {
            using Stream stream = Source.Open();
            stream.ReadExactly(new byte[HeaderBytes]);
            for (long start = 0; start < total;)
            {
                int most = (int)Math.Min(buffer.Length, total - start);
                int read = stream.ReadAtLeast(buffer.AsSpan(0, most), most, throwOnEndOfStream: false);
                if (read < most)
                {
                    long record = (start + read) / ((long)SampleLength * Type.Size);
                    throw Source.Mistake($"record {record + 1}", "the file ends within the array", $"{Count} records of {SampleLength} elements");
                }

                visit(start, buffer.AsSpan(0, most));
                start += most;
            }

            if (stream.ReadByte() >= 0)
            {
                throw Source.Mistake(string.Empty, "bytes after the last record", $"{Count} records of {SampleLength} elements and no more");
            }
        }
        catch (Exception exception) when (ArraySource.IsOfReading(exception))
        {
            throw Source.Unreadable(exception, "a file with an array");
        }
    }
}
