using Differential.Core.Files;
using Parquet;
using Parquet.Schema;

namespace Differential.Core.Data;

/// <summary>One Parquet file: its columns, row group by row group.</summary>
internal sealed class ParquetTable : IDisposable
{
    private const long MaxGroupRows = 1L << 24;
    private const long MaxGroupValues = 1L << 26;
    private const long MaxColumnBytes = 1L << 31;
    private const string Allowed = "an undamaged Parquet file";

    private readonly string _file;
    private readonly FileStream _stream;
    private readonly ParquetReader _reader;

    /// <exception cref="InputException">It is no Parquet file, or a damaged one.</exception>
    public ParquetTable(string file)
    {
        _file = file;
        try
        {
            _stream = RegularFile.OpenRead(file, 1 << 16);
        }
        catch (Exception exception) when (SystemError.IsOfFiles(exception))
        {
            throw InputFiles.Unreadable(file, exception, "a Parquet file");
        }

        try
        {
            _reader = Try("footer", () => ParquetReader.CreateAsync(_stream, null, leaveStreamOpen: true).GetAwaiter().GetResult());
            Columns = Try("schema", () => _reader.Schema.DataFields);
            Rows = Try("row groups", () => (int[])[.. Enumerable.Range(0, _reader.RowGroupCount).Select(CountOf)]);
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>Rows of each row group.</summary>
    public IReadOnlyList<int> Rows { get; }

    public IReadOnlyList<DataField> Columns { get; }

    /// <summary>A text that the file carries under a key; null where there is none.</summary>
    public string? Metadata(string key) => Try("metadata", () => _reader.CustomMetadata?.GetValueOrDefault(key));

    /// <summary>The column at a path; null where there is none.</summary>
    public DataField? Column(params string[] path) => Try("schema", () => Columns.FirstOrDefault(column => column.Path.ToList().SequenceEqual(path)));

    public static bool IsText(DataField column) => column.ClrType == typeof(ReadOnlyMemory<char>) || column.ClrType == typeof(string);

    public static bool IsBytes(DataField column) => column.ClrType == typeof(ReadOnlyMemory<byte>) || column.ClrType == typeof(byte[]);

    public static bool IsNumeric(DataField column) => Type.GetTypeCode(column.ClrType) is TypeCode.Boolean or (>= TypeCode.SByte and <= TypeCode.Double);

    /// <summary>The files or texts of a column of bytes.</summary>
    public byte[]?[] Bytes(int group, DataField column) => Read(group, column, (reader, count) =>
    {
        var values = new byte[]?[count];
        reader.ReadAsync(column, values.AsMemory(), null, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return values;
    });

    /// <summary>The texts of a column.</summary>
    public string?[] Texts(int group, DataField column) => Read(group, column, (reader, count) =>
    {
        var values = new string?[count];
        reader.ReadAsync(column, values.AsMemory(), null, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return values;
    });

    /// <summary>The numbers of a column, of lists the values of all rows one after another.</summary>
    /// <param name="group">The row group.</param>
    /// <param name="column">The column.</param>
    /// <param name="starts">Of lists, for each value whether it begins a row; all do elsewhere.</param>
    public double[] Numbers(int group, DataField column, out bool[]? starts)
    {
        int[]? repetition = null;
        double[] numbers = Read(group, column, (reader, count) =>
        {
            repetition = column.MaxRepetitionLevel > 0 ? new int[count] : null;
            return Type.GetTypeCode(column.ClrType) switch
            {
                TypeCode.Boolean => Numbers<bool>(reader, column, count, repetition, static value => value ? 1 : 0),
                TypeCode.SByte => Numbers<sbyte>(reader, column, count, repetition, static value => value),
                TypeCode.Byte => Numbers<byte>(reader, column, count, repetition, static value => value),
                TypeCode.Int16 => Numbers<short>(reader, column, count, repetition, static value => value),
                TypeCode.UInt16 => Numbers<ushort>(reader, column, count, repetition, static value => value),
                TypeCode.Int32 => Numbers<int>(reader, column, count, repetition, static value => value),
                TypeCode.UInt32 => Numbers<uint>(reader, column, count, repetition, static value => value),
                TypeCode.Int64 => Numbers<long>(reader, column, count, repetition, static value => value),
                TypeCode.UInt64 => Numbers<ulong>(reader, column, count, repetition, static value => value),
                TypeCode.Single => Numbers<float>(reader, column, count, repetition, static value => value),
                _ => Numbers<double>(reader, column, count, repetition, static value => value),
            };
        });
        starts = repetition is null ? null : [.. repetition.Select(static level => level == 0)];
        return numbers;
    }

    public void Dispose()
    {
        _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _stream.Dispose();
    }

    private double[] Numbers<T>(ParquetRowGroupReader reader, DataField column, int count, int[]? repetition, Func<T, double> convert)
        where T : struct
    {
        Memory<int>? levels = repetition?.AsMemory();
        if (column.MaxRepetitionLevel > 0)
        {
            var listed = new T[count];
            var depths = new int[count];
            reader.ReadRawAsync(column, listed.AsMemory(), depths.AsMemory(), levels, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            int empty = Array.FindIndex(depths, depth => depth != column.MaxDefinitionLevel);
            return empty < 0
                ? [.. listed.Select(convert)]
                : throw new InputException(_file, $"column {column.Path}, value {empty + 1} of its row group", "an empty list, or a missing value", "as many numbers in each row");
        }

        if (column.MaxDefinitionLevel == 0)
        {
            var plain = new T[count];
            reader.ReadAsync(column, plain.AsMemory(), levels, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            return [.. plain.Select(convert)];
        }

        var values = new T?[count];
        reader.ReadAsync(column, values.AsMemory(), levels, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        int missing = Array.FindIndex(values, static value => value is null);
        return missing < 0
            ? [.. values.Select(value => convert(value!.Value))]
            : throw new InputException(_file, $"column {column.Path}, value {missing + 1} of its row group", "no value", "a number in each row");
    }

    private T Read<T>(int group, DataField column, Func<ParquetRowGroupReader, int, T> read) => Try($"column {column.Path}, row group {group + 1}", () =>
    {
        using ParquetRowGroupReader reader = _reader.OpenRowGroupReader(group);
        Parquet.Meta.ColumnMetaData? about = reader.GetMetadata(column)?.MetaData;
        long values = about?.NumValues ?? -1;
        if (about is null || values < 0 || values > MaxGroupValues || about.TotalUncompressedSize is < 0 or > MaxColumnBytes || (column.MaxRepetitionLevel == 0 && values != Rows[group]))
        {
            throw new InputException(
                _file, $"column {column.Path}, row group {group + 1}", $"{values} values in {about?.TotalUncompressedSize} bytes", $"{Rows[group]} rows; at most {MaxGroupValues} values and {MaxColumnBytes} bytes in a row group");
        }

        return read(reader, (int)values);
    });

    /// <summary>A row group's rows: no more than its bytes can hold, so that no memory is asked for in vain.</summary>
    private int CountOf(int group)
    {
        long rows = _reader.Metadata?.RowGroups[group].NumRows ?? -1;
        long most = Math.Min(MaxGroupRows, (1L << 20) + (64 * _stream.Length));
        return rows >= 0 && rows <= most ? (int)rows : throw new InputException(_file, $"row group {group + 1}", $"{rows} rows", $"at most {most}");
    }

    private T Try<T>(string place, Func<T> read)
    {
        try
        {
            return read();
        }
#pragma warning disable CA1031 // whatever the reader stumbles over lies in the file
        catch (Exception exception) when (exception is not (InputException or OutOfMemoryException))
#pragma warning restore CA1031
        {
            throw new InputException(_file, place, $"data that can't be read ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')})", Allowed);
        }
    }
}
