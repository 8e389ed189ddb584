using Differential.Core.Arrays;

namespace Differential.Core.Data;

/// <summary>Reads the points of an array: bytes as byte / 255, everything else as it is.</summary>
internal static class ArrayPoints
{
    /// <exception cref="InputException">The file is damaged, or a value is no finite float32.</exception>
    public static RecordSink Read(StoredArray array, SampleLayout layout, RecordPlan plan, int classes)
    {
        int length = array.SampleLength;
        var sink = new RecordSink(plan, layout.Sample, classes, array.Source.File);
        int[]? order = array.Fortran ? ArrayImages.FortranOrder(array) : null;
        bool bytes = array.Type is { Size: 1, Kind: ElementKind.Unsigned };

        // In Fortran's order the last record is whole with the very last element.
        float[] values = new float[order is null ? length : checked((long)length * array.Count)];
        array.ForEach((start, stored) =>
        {
            for (int i = 0; i < stored.Length; i++)
            {
                long at = start + i;
                long record = order is null ? at / length : at % array.Count;
                int element = order is null ? (int)(at % length) : order[at / array.Count];
                float value = bytes ? (float)stored[i] / 255f : (float)stored[i];
                if (!float.IsFinite(value))
                {
                    throw array.Source.Mistake($"record {record + 1}, feature {element + 1}", "a value that is no finite float32", "finite numbers of at most 3.4028235E+38");
                }

                values[order is null ? element : (record * length) + element] = value;
                if (order is null && element == length - 1)
                {
                    sink.Add((int)record, values);
                }
            }
        });
        for (int record = 0; order is not null && record < array.Count; record++)
        {
            sink.Add(record, values.AsSpan(record * length, length));
        }

        return sink;
    }
}
