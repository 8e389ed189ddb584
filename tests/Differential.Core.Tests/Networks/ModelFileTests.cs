using Differential.Core.Files;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

public class ModelFileTests
{
    [Fact]
    public void Load_WhatWasSaved_IsTheSameToTheBit()
    {
        using TemporaryFolder folder = new();
        SavedModel saved = SampleModels.Convolutional();
        ModelFile.Save(folder.At("model.safetensors"), saved);

        SavedModel loaded = ModelFile.Load(folder.At("model.safetensors"));

        Assert.Equal(saved.Layers, loaded.Layers);
        Assert.Equal(saved.Input, loaded.Input);
        Assert.Equal(saved.InputMean, loaded.InputMean);
        Assert.Equal((saved.InputScale, saved.Threshold, saved.Positive, saved.Negative), (loaded.InputScale, loaded.Threshold, loaded.Positive, loaded.Negative));
        Assert.Equal(saved.Parameters.Select(p => (p.Name, p.Shape)), loaded.Parameters.Select(p => (p.Name, p.Shape)));
        Assert.All(saved.Parameters.Zip(loaded.Parameters), pair => Assert.Equal(pair.First.Values, pair.Second.Values));
    }

    [Fact]
    public void Save_WritesTheContractsMetadata()
    {
        using TemporaryFolder folder = new();
        ModelFile.Save(folder.At("m"), SampleModels.Convolutional());

        IReadOnlyDictionary<string, string> metadata = SafetensorsFile.Read(folder.At("m")).Metadata;

        Assert.Equal("[3,10,12]", metadata["inputShape"]);
        Assert.Equal("[0.1,0.33333334,0.51]", metadata["inputMean"]);
        Assert.Equal("1.7", metadata["inputScale"]);
        Assert.Equal("-0.12345679", metadata["threshold"]);
        Assert.Equal("horse \"2\" é", metadata["negative"]);
        Assert.StartsWith("""[{"kind":"conv","filters":4,"size":3,"stride":1,"padding":1,"bias":true},{"kind":"relu"},{"kind":"maxPool","size":2""", metadata["architecture"], StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PointsModel_HasOneMeanPerFeature()
    {
        using TemporaryFolder folder = new();
        SavedModel saved = new([new DenseOptions { Units = 1 }], new Shape(2), [1, 2], 1, 0, "+1", "-1",
            [new NamedTensor("layers.0.weight", new Shape(1, 2), [3, 4]), new NamedTensor("layers.0.bias", new Shape(1), [5])]);
        ModelFile.Save(folder.At("m"), saved);

        Assert.Equal(new Shape(2), ModelFile.Load(folder.At("m")).Input);
    }

    public static TheoryData<string, string?, string> BadMetadata => new()
    {
        { "architecture", null, "it is missing" },
        { "architecture", "nonsense", "JSON that does not fit" },
        { "architecture", "null", "null" },
        { "architecture", "[]", "0 layers" },
        { "architecture", "[null]", "null" },
        { "architecture", "{}", "JSON that does not fit" },
        { "architecture", "[{}]", "a layer without a kind" },
        { "architecture", """[{"kind":"softmax"}]""", "JSON that does not fit" },
        { "architecture", """[{"kind":"conv"}]""", "JSON that does not fit" },
        { "architecture", """[{"kind":"conv","filters":1,"depth":2}]""", "JSON that does not fit" },
        { "architecture", """[{"kind":"conv","filters":0}]""", "the number 0" },
        { "architecture", """[{"kind":"conv","filters":99999999999}]""", "JSON that does not fit" },
        { "architecture", """[{"kind":"relu","kind":"relu"}]""", "JSON that does not fit" },
        { "inputShape", null, "it is missing" },
        { "inputShape", "[3,10]", "[3,10]" },
        { "inputShape", "[3,0,10]", "[3,0,10]" },
        { "inputShape", "[1048576,1048576,1048576]", "[1048576,1048576,1048576]" },
        { "inputMean", "[1,2]", "2 values" },
        { "inputMean", "[1,2,\"NaN\"]", "JSON that does not fit" },
        { "inputMean", "[1,2,1e99]", "3 values" },
        { "inputScale", "0", "0" },
        { "inputScale", "NaN", "\"NaN\"" },
        { "threshold", "1e99", "\"1e99\"" },
        { "threshold", "", "\"\"" },
        { "positive", "", "0 characters" },
        { "negative", null, "it is missing" },
    };

    [Theory]
    [MemberData(nameof(BadMetadata))]
    public void Load_BadMetadata_NamesTheEntry(string key, string? text, string found)
    {
        using TemporaryFolder folder = new();
        ModelFile.Save(folder.At("m"), SampleModels.Convolutional());
        SafetensorsContent content = SafetensorsFile.Read(folder.At("m"));
        Dictionary<string, string> metadata = new(content.Metadata);
        metadata.Remove(key);
        if (text is not null)
        {
            metadata[key] = text;
        }

        Rewrite(folder.At("m"), content.Tensors, metadata);

        InputException error = Assert.Throws<InputException>(() => ModelFile.Load(folder.At("m")));
        Assert.Equal(folder.At("m"), error.File);
        Assert.StartsWith($"__metadata__.{key}", error.Place, StringComparison.Ordinal);
        Assert.Equal(found, error.Found);
    }

    [Fact]
    public void Load_ParametersThatDoNotFitTheLayers_AreNamed()
    {
        using TemporaryFolder folder = new();
        ModelFile.Save(folder.At("m"), SampleModels.Convolutional());
        SafetensorsContent content = SafetensorsFile.Read(folder.At("m"));

        Rewrite(folder.At("missing"), [.. content.Tensors.Where(tensor => tensor.Name != "layers.3.weight")], content.Metadata);
        Rewrite(folder.At("shape"), [.. content.Tensors.Select(tensor => tensor.Name == "layers.0.bias" ? new NamedTensor(tensor.Name, new Shape(2), [1, 2]) : tensor)], content.Metadata);
        Rewrite(folder.At("more"), [.. content.Tensors, new NamedTensor("layers.3.bias", new Shape(3), [1, 2, 3])], content.Metadata);

        Assert.Equal("tensor \"layers.3.weight\": it is missing", Finding("missing"));
        Assert.Equal("tensor \"layers.0.bias\": shape [2]", Finding("shape"));
        Assert.Equal(": tensors that no layer of the architecture has", Finding("more"));

        string Finding(string name)
        {
            InputException error = Assert.Throws<InputException>(() => ModelFile.Load(folder.At(name)));
            return $"{error.Place}: {error.Found}";
        }
    }

    private static void Rewrite(string path, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using FileStream stream = File.Create(path);
        SafetensorsFile.Write(stream, tensors, metadata);
    }
}
