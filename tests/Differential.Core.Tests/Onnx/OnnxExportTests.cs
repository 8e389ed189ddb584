using Differential.Core.Networks;
using Differential.Core.Onnx;
using Differential.Core.Tests.Networks;
using Differential.Kernels.Devices;
using Microsoft.ML.OnnxRuntime;

namespace Differential.Core.Tests.Onnx;

/// <summary>Exported networks as ONNX Runtime computes them: every layer kind and every built-in model.</summary>
public sealed class OnnxExportTests : IDisposable
{
    private const double Tolerance = 1e-5;

    private readonly SimdDevice _device = new(threads: 2);

    public static TheoryData<string, int[], LayerOptions[]> Networks
    {
        get
        {
            TheoryData<string, int[], LayerOptions[]> all = [];
            foreach (object[] row in NetworkGradientTests.Networks.Concat(NetworkGradientTests.NetworksWithModes))
            {
                all.Add((string)row[0], (int[])row[1], (LayerOptions[])row[2]);
            }

            all.Add("one channel flattened, then normalised and sorted", [4, 3, 1], [new FlattenOptions(), new BatchNormOptions(), new MaxMinOptions(), new DenseOptions { Units = 1 }]);
            all.Add("one pixel flattened, then sorted", [1, 1, 6], [new FlattenOptions(), new MaxMinOptions(), new DenseOptions { Units = 1 }]);
            all.Add("dropout at the start", [4], [new DropoutOptions(), new DenseOptions { Units = 1 }]);
            return all;
        }
    }

    public static TheoryData<string> Models => [.. BuiltIn.Keys];

    private static Dictionary<string, ModelOptions> BuiltIn => new()
    {
        ["linear"] = new LinearOptions(),
        ["small"] = new SmallOptions(),
        ["cnn"] = new CnnOptions(),
        ["lipschitz"] = new LipschitzOptions(),
        ["lipschitzResNet"] = new LipschitzResNetOptions(),
        ["leNet84"] = new LeNet84Options(),
        ["resNet9"] = new ResNet9Options(),
        ["resNet18"] = new ResNet18Options(),
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Scores_OfEveryLayerKind_AsOnnxRuntimeComputesThem(string name, int[] input, LayerOptions[] layers)
    {
        var shape = new Shape(input);
        using Network network = ExportedNetwork.Create(_device, shape, layers, 1, normalized: name.Length % 2 == 0);
        Compare(network, keep: false);
        Compare(network, keep: true);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Scores_OfEveryBuiltInModel_AsOnnxRuntimeComputesThem(string name)
    {
        // Operator norms of large images take long.
        int size = name.StartsWith("lipschitz", StringComparison.Ordinal) ? 12 : 32;
        using Network network = ExportedNetwork.Create(_device, new Shape(size, size, 3), BuiltIn[name].LayersFor(3), 3, normalized: true);
        Compare(network, keep: false);
    }

    [Fact]
    public void Create_AModel_HasNamesShapesProducerAndMetadata()
    {
        using Network network = ExportedNetwork.Create(_device, new Shape(8, 6, 3), [new ConvOptions { Filters = 4 }, new BatchNormOptions(), new ReluOptions(), new MaxPoolOptions(), new DenseOptions { Units = 1 }], 1, normalized: true);
        OnnxModel model = OnnxExport.Create(network, ExportedNetwork.Names(network));
        byte[] bytes = ExportedNetwork.Bytes(model);
        using var session = new InferenceSession(bytes);
        Assert.Equal([-1, 3, 8, 6], session.InputMetadata["input"].Dimensions);
        Assert.Equal("N", session.InputMetadata["input"].SymbolicDimensions[0]);
        Assert.Equal([-1, 1], session.OutputMetadata["score"].Dimensions);
        Assert.Equal("Differential", session.ModelMetadata.ProducerName);
        Assert.Equal("airplane", session.ModelMetadata.CustomMetadataMap["positive"]);
        Assert.Equal("horse \"2\" é", session.ModelMetadata.CustomMetadataMap["negative"]);
        Assert.Equal(8, model.IrVersion);
        Assert.Equal(17, model.Opset);
        Assert.Equal(["Sub", "Mul", "Conv", "Relu", "MaxPool", "Flatten", "Gemm", "Sub"], model.Graph.Nodes.Select(static node => node.Operator));
        Assert.Equal(model.Graph.Nodes.Count, model.Graph.Nodes.Select(static node => node.Name).Distinct().Count());

        // Every value between the nodes has its shape.
        Assert.Equal(model.Graph.Nodes.SkipLast(1).Select(static node => node.Outputs[0]), model.Graph.Values.Select(static value => value.Name));
        Assert.Equal(["N", "4", "3", "2"], model.Graph.Values.Single(static value => value.Name == "layers.3").Dimensions!.Select(static d => d.Name ?? $"{d.Value}"));
        OnnxModel kept = OnnxExport.Create(network, ExportedNetwork.Names(network), keepNormalizations: true);
        Assert.Contains("BatchNormalization", kept.Graph.Nodes.Select(static node => node.Operator));
    }

    [Fact]
    public void Save_AModelOfSeveralClasses_HasScoresAndTheClassesNames()
    {
        using var folder = new TemporaryFolder();
        using Network network = ExportedNetwork.Create(_device, new Shape(5), [new DenseOptions { Units = 3 }], 3, normalized: false);
        OnnxExport.Save(folder.At("model.onnx"), network, ExportedNetwork.Names(network));
        using var session = new InferenceSession(folder.At("model.onnx"));
        Assert.Equal([-1, 3], session.OutputMetadata["scores"].Dimensions);
        Assert.Equal("""["class 0","class 1","class 2"]""", session.ModelMetadata.CustomMetadataMap["classes"]);
    }

    public void Dispose() => _device.Dispose();

    private static void Compare(Network network, bool keep)
    {
        Shape input = network.Architecture.Input;
        byte[] model = ExportedNetwork.Bytes(OnnxExport.Create(network, ExportedNetwork.Names(network), keep));
        foreach (int count in (int[])[1, 3])
        {
            float[] samples = ExportedNetwork.Samples(input, count);
            float[] own = ExportedNetwork.Own(network, samples, count);
            float[] theirs = ExportedNetwork.ByRuntime(model, input, samples, count);
            Assert.Equal(own.Length, theirs.Length);
            for (int i = 0; i < own.Length; i++)
            {
                Assert.True(Math.Abs(own[i] - theirs[i]) <= Tolerance * Math.Max(1, Math.Abs(own[i])), $"score {i} of {count} samples: {own[i]}; ONNX Runtime has {theirs[i]}");
            }
        }
    }
}
