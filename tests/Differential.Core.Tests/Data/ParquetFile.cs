using Parquet;
using Parquet.Schema;

namespace Differential.Core.Tests.Data;

/// <summary>Parquet files as Hugging Face's and pandas' writers lay them out.</summary>
internal static class ParquetFile
{
    /// <summary>image: { bytes, path }, label.</summary>
    public static byte[] Images(string? metadata, params (byte[] Image, long Label)[] rows)
    {
        var schema = new ParquetSchema(new StructField("image", new DataField<byte[]>("bytes"), new DataField<string>("path")), new DataField<long>("label"));
        return Write(schema, metadata, async (group, fields) =>
        {
            await group.WriteAsync(fields[0], rows.Select(row => row.Image).ToList());
            await group.WriteAsync(fields[1], rows.Select((_, i) => $"{i}.png").ToList());
            await group.WriteAsync<long>(fields[2], rows.Select(row => row.Label).ToArray());
        });
    }

    /// <summary>features: a list of floats, label: text, x: int, y: double.</summary>
    public static byte[] Numbers(params (float[] Features, string Label, int X, double Y)[] rows)
    {
        var schema = new ParquetSchema(new ListField("features", new DataField<float>("element")), new DataField<string>("label"), new DataField<int>("x"), new DataField<double>("y"));
        return Write(schema, null, async (group, fields) =>
        {
            float[] all = [.. rows.SelectMany(row => row.Features)];
            int[] repetition = [.. rows.SelectMany(row => row.Features.Select((_, i) => i == 0 ? 0 : 1))];
            await group.WriteAllPartsAsync<float>(fields[0], all, Enumerable.Repeat(fields[0].MaxDefinitionLevel, all.Length).ToArray().AsMemory(), repetition.AsMemory(), CancellationToken.None);
            await group.WriteAsync(fields[1], rows.Select(row => row.Label).ToList());
            await group.WriteAsync<int>(fields[2], rows.Select(row => row.X).ToArray());
            await group.WriteAsync<double>(fields[3], rows.Select(row => row.Y).ToArray());
        });
    }

    private static byte[] Write(ParquetSchema schema, string? metadata, Func<ParquetRowGroupWriter, DataField[], Task> rows)
    {
        using var stream = new MemoryStream();
        WriteAsync().GetAwaiter().GetResult();
        return stream.ToArray();

        async Task WriteAsync()
        {
            await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream);
            if (metadata is not null)
            {
                writer.CustomMetadata = new Dictionary<string, string> { ["huggingface"] = metadata };
            }

            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await rows(group, schema.GetDataFields());
        }
    }
}
