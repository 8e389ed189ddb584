using System.Buffers.Binary;
using System.Text;
using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Files;

public class SafetensorsFileTests
{
    [Fact]
    public void Write_OneTensor_GivesTheFormatsBytes()
    {
        using MemoryStream stream = new();
        SafetensorsFile.Write(stream, [new NamedTensor("a", new Shape(2), [1f, -2.5f])], new Dictionary<string, string> { ["k"] = "é\"" });

        const string header = """{"__metadata__":{"k":"é\""},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] bytes = stream.ToArray();
        long length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, (8 + length) % 8);
        Assert.Equal(text, bytes[8..(8 + text.Length)]);
        Assert.All(bytes[(8 + text.Length)..(8 + (int)length)], b => Assert.Equal((byte)' ', b));
        Assert.Equal(new byte[] { 0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0 }, bytes[(8 + (int)length)..]);
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        using MemoryStream stream = new();
        SafetensorsWriter writer = new(
            stream,
            [new("f", SafetensorsType.F32, new Shape(2, 3)), new("i", SafetensorsType.I64, new Shape(2)), new("b", SafetensorsType.U8, new Shape(3)), new("s", SafetensorsType.F32, new Shape())],
            new Dictionary<string, string> { ["x"] = "y" });
        float[] floats = [0f, -0f, float.MaxValue, float.Epsilon, 1f / 3, 8];
        writer.Write(floats.AsSpan(0, 4));
        writer.Write(floats.AsSpan(4));
        writer.Write([long.MinValue, 7L]);
        writer.Write([1, 2, (byte)255]);
        Assert.Throws<InvalidOperationException>(writer.Complete);
        writer.Write([5f]);
        writer.Complete();
        Assert.Throws<InvalidOperationException>(() => writer.Write([5f]));
        stream.Position = 0;

        SafetensorsContent content = SafetensorsFile.Read(stream, "x");

        Assert.Equal(["f", "s"], content.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(floats.Select(BitConverter.SingleToInt32Bits), content.Tensors[0].Values.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(new Shape(2, 3), content.Tensors[0].Shape);
        Assert.Equal(new Shape(), content.Tensors[1].Shape);
        Assert.Equal([long.MinValue, 7L], content.Integers.Single().Values);
        Assert.Equal([1, 2, 255], content.Bytes.Single().Values);
        Assert.Equal("y", content.Metadata["x"]);
    }

    [Fact]
    public void Write_TwoTensorsOfOneName_IsRefused() =>
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(
            Stream.Null, [new NamedTensor("a", new Shape(1), [1]), new NamedTensor("a", new Shape(1), [1])], new Dictionary<string, string>()));

    public static TheoryData<string, int, string, string> BadHeaders => new()
    {
        { "[]", 0, "header", "does not start with" },
        { " {}", 0, "header", "does not start with" },
        { "{", 0, "header byte", "broken JSON" },
        { "{}}", 0, "header byte", "broken JSON" },
        { """{"a":[[[[[[[[[[]]]]]]]]]]}""", 0, "tensor \"a\"", "a array" },
        { """{"__metadata__":[]}""", 0, "__metadata__", "a array" },
        { """{"__metadata__":{"k":1}}""", 0, "__metadata__.k", "a number" },
        { """{"__metadata__":{"k":"1","k":"2"}}""", 0, "__metadata__.k", "second" },
        { """{"__metadata__":{},"__metadata__":{}}""", 0, "__metadata__", "second" },
        { """{"\ud800":1}""", 0, "header", "not Unicode" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor \"a\"", "second entry" },
        { """{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", 8, "tensor \"a\"", "dtype F64" },
        { """{"a":{"dtype":1,"shape":[1],"data_offsets":[0,8]}}""", 8, "tensor \"a\"", "a number as dtype" },
        { """{"a":{"dtype":"F32","shape":[1]}}""", 4, "tensor \"a\"", "missing" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "tensor \"a\"", "missing" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", 4, "tensor \"a\"", "too many" },
        { """{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "tensor \"a\"", "twice" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, "tensor \"a\"", "\"x\"" },
        { """{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", 0, "tensor \"a\"", "shape [0]" },
        { """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "tensor \"a\"", "shape with" },
        { """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "tensor \"a\"", "shape with" },
        { """{"a":{"dtype":"F32","shape":[1e30],"data_offsets":[0,4]}}""", 4, "tensor \"a\"", "shape with" },
        { """{"a":{"dtype":"F32","shape":[65536,65536],"data_offsets":[0,4]}}""", 4, "tensor \"a\"", "shape [65536, 65536]" },
        { """{"a":{"dtype":"F32","shape":[9223372036854775807,3],"data_offsets":[0,4]}}""", 4, "tensor \"a\"", "shape [9223372036854775807, 3]" },
        { """{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "tensor \"a\"", "too many" },
        { """{"a":{"dtype":"F32","shape":[2000000000],"data_offsets":[0,8000000000]}}""", 4, "tensor \"a\"", "[0, 8000000000]" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "tensor \"a\"", "[4, 0]" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "tensor \"a\"", "of 4 bytes" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "tensor \"b\"", "overlaps" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor \"a\"", "gap of 4" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "data", "5 bytes" },
        { "{}", 1, "data", "1 bytes" },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void Read_BadHeader_NamesPlaceAndFinding(string header, int dataBytes, string place, string found)
    {
        InputException error = Assert.Throws<InputException>(() => Read(Encoding.UTF8.GetBytes(header), new byte[dataBytes]));

        Assert.Equal("model", error.File);
        Assert.StartsWith(place, error.Place, StringComparison.Ordinal);
        Assert.Contains(found, error.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(100UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData((ulong)long.MaxValue)]
    public void Read_LyingHeaderLength_IsRefusedBeforeMemoryIsTaken(ulong length)
    {
        byte[] file = new byte[20];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        long before = GC.GetAllocatedBytesForCurrentThread();

        InputException error = Assert.Throws<InputException>(() => SafetensorsFile.Read(new MemoryStream(file), "model"));

        Assert.Equal("header length", error.Place);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Read_NonFinite_PassesOnlyWhereAllowed(float value)
    {
        using MemoryStream stream = new();
        SafetensorsFile.Write(stream, [new NamedTensor("w", new Shape(3), [1, 2, value])], new Dictionary<string, string>());
        stream.Position = 0;
        Assert.Equal("tensor \"w\" element 2", Assert.Throws<InputException>(() => SafetensorsFile.Read(stream, "model")).Place);

        stream.Position = 0;
        Assert.Equal(value, SafetensorsFile.Read(stream, "model", allowNonFinite: true).Tensors[0].Values[2]);
    }

    [Fact]
    public void Read_InvalidUtf8_IsRefused() =>
        Assert.Equal("header", Assert.Throws<InputException>(() => Read([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)'}'], [])).Place);

    [Fact]
    public void Read_MissingFileFolderOrShortFile_SaysWhich()
    {
        using TemporaryFolder folder = new();
        Assert.Equal("there is no such file", Assert.Throws<InputException>(() => SafetensorsFile.Read(folder.At("none"))).Found);
        Assert.Equal("it is a folder", Assert.Throws<InputException>(() => SafetensorsFile.Read(folder.Root)).Found);
        Assert.Equal("3 bytes", Assert.Throws<InputException>(() => SafetensorsFile.Read(folder.Write("short", "abc"))).Found);
        Assert.Equal("0 bytes", Assert.Throws<InputException>(() => SafetensorsFile.Read(folder.Write("empty", string.Empty))).Found);
    }

    private static SafetensorsContent Read(byte[] header, byte[] data)
    {
        byte[] file = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        data.CopyTo(file, 8 + header.Length);
        return SafetensorsFile.Read(new MemoryStream(file), "model");
    }
}
