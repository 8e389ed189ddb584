using Differential.Core.Arrays;

namespace Differential.Core.Data;

/// <summary>Reads the images of an array as bytes, height, width, channel.</summary>
internal static class ArrayImages
{
    /// <summary>Bytes of the samples that are put together at once from an array whose first index goes up fastest.</summary>
    private const int BlockBytes = 32 << 20;

    /// <param name="array">The array.</param>
    /// <param name="layout">What its dimensions mean.</param>
    /// <param name="plan">What becomes of each record.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="toByte">The byte of an element; not asked for elements that are bytes.</param>
    /// <exception cref="InputException">The file is damaged.</exception>
    public static RecordSink Read(StoredArray array, SampleLayout layout, RecordPlan plan, int classes, Func<double, byte> toByte)
    {
        var sink = new RecordSink(plan, layout.Sample, classes, array.Source.File);
        try
        {
            byte[] sample = new byte[array.SampleLength];
            if (array.Fortran && array.Count > 1)
            {
                ForEachOfColumns(array, toByte, (record, stored) => Add(record, stored));
            }
            else if (array.Type is { Size: 1, Kind: ElementKind.Unsigned })
            {
                byte[] unfolded = new byte[sample.Length];
                int[]? order = array.Fortran ? FortranOrder(array) : null;
                array.ForEachSample((record, stored) => Add(record, order is null ? stored : Unfold(stored, order, unfolded)));
            }
            else
            {
                byte[] stored = new byte[sample.Length];
                byte[] unfolded = new byte[sample.Length];
                int[]? order = array.Fortran ? FortranOrder(array) : null;
                array.ForEach((start, values) =>
                {
                    for (int i = 0; i < values.Length; i++)
                    {
                        int at = (int)((start + i) % stored.Length);
                        stored[at] = toByte(values[i]);
                        if (at == stored.Length - 1)
                        {
                            Add((int)((start + i) / stored.Length), order is null ? stored : Unfold(stored, order, unfolded));
                        }
                    }
                });
            }

            return sink;

            void Add(int record, ReadOnlySpan<byte> stored)
            {
                if (plan.Target(record) != RecordTarget.LeftOut)
                {
                    layout.Arrange(stored, sample);
                    sink.Add(record, sample);
                }
            }
        }
        catch
        {
            sink.Dispose();
            throw;
        }
    }

    /// <summary>For each element of a sample as it is stored in Fortran's order, its place in C's.</summary>
    public static int[] FortranOrder(StoredArray array)
    {
        int[] sizes = [.. array.Dimensions.Skip(1)];
        var order = new int[array.SampleLength];
        for (int stored = 0; stored < order.Length; stored++)
        {
            int rest = stored;
            int place = 0;
            int stride = order.Length;
            foreach (int size in sizes)
            {
                stride /= size;
                place += rest % size * stride;
                rest /= size;
            }

            order[stored] = place;
        }

        return order;
    }

    private static byte[] Unfold(ReadOnlySpan<byte> stored, int[] order, byte[] sample)
    {
        for (int i = 0; i < order.Length; i++)
        {
            sample[order[i]] = stored[i];
        }

        return sample;
    }

    /// <summary>The records of an array that is stored element by element, all records' first elements first.</summary>
    private static void ForEachOfColumns(StoredArray array, Func<double, byte> toByte, RecordAction take)
    {
        int[] order = FortranOrder(array);
        using var writer = new PixelWriter((long)array.Count * order.Length);
        byte[] chunk = [];
        array.ForEach((_, values) =>
        {
            chunk = chunk.Length < values.Length ? new byte[values.Length] : chunk;
            for (int i = 0; i < values.Length; i++)
            {
                chunk[i] = toByte(values[i]);
            }

            writer.Add(chunk.AsSpan(0, values.Length));
        });
        PixelStore columns = writer.ToStore();
        int records = Math.Clamp(BlockBytes / order.Length, 1, array.Count);
        byte[] column = new byte[records];
        byte[] block = new byte[records * order.Length];
        for (int first = 0; first < array.Count; first += records)
        {
            int count = Math.Min(records, array.Count - first);
            for (int element = 0; element < order.Length; element++)
            {
                columns.Read(((long)element * array.Count) + first, column.AsSpan(0, count));
                for (int i = 0; i < count; i++)
                {
                    block[(i * order.Length) + order[element]] = column[i];
                }
            }

            for (int i = 0; i < count; i++)
            {
                take(first + i, block.AsSpan(i * order.Length, order.Length));
            }
        }
    }

    private delegate void RecordAction(int record, ReadOnlySpan<byte> sample);
}
