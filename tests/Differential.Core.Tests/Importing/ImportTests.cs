using Differential.Core.Importing;
using Differential.Core.Models;
using Differential.Core.Networks;
using Differential.Core.Onnx;
using Differential.Core.Tests.Networks;
using Differential.Core.Tests.Onnx;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Importing;

/// <summary>What a model's file and a job say of it, and what is refused.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly SimdDevice _device = new(threads: 1);
    private readonly TemporaryFolder _folder = new();

    /// <summary>Those whose operators are read again: sorting pairs is written with ones that are not.</summary>
    public static TheoryData<string, int[], LayerOptions[]> Networks
    {
        get
        {
            TheoryData<string, int[], LayerOptions[]> read = [];
            foreach (object[] row in NetworkGradientTests.Networks.Where(static row => !((LayerOptions[])row[2]).Any(Sorts)))
            {
                read.Add((string)row[0], (int[])row[1], (LayerOptions[])row[2]);
            }

            return read;

            static bool Sorts(LayerOptions layer) => layer is MaxMinOptions || layer.Nested().Any(static inner => Sorts(inner.Layer));
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Open_WhatThisProgramWrote_HasTheVeryScoresAndThresholds(string name, int[] input, LayerOptions[] layers)
    {
        Assert.NotEmpty(name);
        var shape = new Shape(input);
        using Network network = ExportedNetwork.Create(_device, shape, layers, 1, normalized: true);
        OnnxExport.Save(_folder.At("model.onnx"), network, ExportedNetwork.Names(network));

        OpenedModel opened = ModelOpener.Open(_folder.At("model.onnx"));

        Assert.Equal(shape, opened.Input);
        Assert.Equal(["airplane", "horse \"2\" é"], opened.Names!);
        Assert.Equal(network.Thresholds, opened.Thresholds);
        Assert.Equal(network.Normalization.Mean, opened.Normalization.Mean);
        Assert.Equal(network.Normalization.Scale, opened.Normalization.Scale);
        using Network again = opened.Create(_device);
        float[] samples = ExportedNetwork.Samples(shape, 4);
        float[] before = ExportedNetwork.Own(network, samples, 4);
        float[] after = ExportedNetwork.Own(again, samples, 4);
        if (layers.Any(static layer => layer is ResidualOptions { Share: not null }))
        {
            Assert.All(before.Zip(after), static pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
            return;
        }

        Assert.Equal(before, after);
    }

    [Fact]
    public void Read_WhatTheJobExpectsOfInputs_IsTheModelsNormalization()
    {
        OnnxModel model = new GraphText(3, 2, 2).Weights("w", 1, 12).Node("f = Flatten x").Node("y = Gemm f w", OnnxAttribute.Of("transB", 1)).Model();
        float[] w = model.Graph.Initializers[0].Floats();
        var expected = new ExpectedInput { Mean = [123.675, 116.28, 103.53], Std = [58.395, 57.12, 57.375], Range = [0, 255] };
        float[] samples = ExportedNetwork.Samples(new Shape(2, 2, 3), 1);
        double score = 0;
        for (int channel = 0; channel < 3; channel++)
        {
            for (int pixel = 0; pixel < 4; pixel++)
            {
                score += w[(channel * 4) + pixel] * ((samples[(pixel * 3) + channel] * 255) - expected.Mean[channel]) / expected.Std[channel];
            }
        }

        using Network network = Create(model, new ImportOptions { Input = expected });
        Assert.Equal(score, ExportedNetwork.Own(network, samples, 1)[0], 1e-4);

        // One number for all channels takes no layer of its own.
        using Network plain = Create(model, new ImportOptions { Input = new ExpectedInput { Mean = [0.5], Std = [0.25] } });
        Assert.Equal((0.5f, 4f), (plain.Normalization.Mean[2], plain.Normalization.Scale));
        InputException exception = Assert.Throws<InputException>(() => Create(model, new ImportOptions { Input = new ExpectedInput { Mean = [0.1, 0.2] } }));
        Assert.Equal("model: input.mean: 2 values; allowed: 1, or 3, one for each channel or feature of the data", exception.Message);
    }

    [Fact]
    public void Read_ColumnsOfTheScores_PicksAndSubtracts()
    {
        OnnxModel model = new GraphText(2).Weights("w", 4, 2).Node("y = Gemm x w", OnnxAttribute.Of("transB", 1)).Model(scores: 4);
        float[] samples = [0.3f, 0.8f];
        using Network all = Create(model, new ImportOptions());
        float[] scores = ExportedNetwork.Own(all, samples, 1);
        using Network pair = Create(model, new ImportOptions { Columns = [3, 1] });
        Assert.Equal(scores[3] - scores[1], Assert.Single(ExportedNetwork.Own(pair, samples, 1)), 1e-6f);
        using Network three = Create(model, new ImportOptions { Columns = [2, 0, 1] });
        Assert.Equal([scores[2], scores[0], scores[1]], ExportedNetwork.Own(three, samples, 1));
        Assert.Throws<InputException>(() => Create(model, new ImportOptions { Columns = [0, 4] }));
    }

    [Fact]
    public void Read_BothProbabilitiesOfTwoClasses_IsTheLogit()
    {
        // As scikit-learn's networks end.
        OnnxModel model = new GraphText(2).Weights("w", 2, 1).Floats("one", 1).Node("z = MatMul x w").Node("p = Sigmoid z").Node("q = Sub one p").Node("y = Concat q p", OnnxAttribute.Of("axis", 1)).Node("m = ai.onnx.ml.ZipMap y").Model();
        float[] w = model.Graph.Initializers[0].Floats();
        ImportedNetwork network = OnnxImport.Read(model, "test.onnx", new ImportOptions { Output = ModelOutput.Probabilities });
        Assert.Equal(["The Sigmoid at the model's end is taken off: it hides gradients and changes no decision."], network.Notes);
        using Network created = Create(model, new ImportOptions());
        Assert.Equal((0.5f * w[0]) - (2 * w[1]), Assert.Single(ExportedNetwork.Own(created, [0.5f, -2f], 1)), 1e-6f);
    }

    [Fact]
    public void Read_ProbabilitiesWithoutASigmoidInSight_AreDecidedAtAHalf()
    {
        OnnxModel model = new GraphText(2).Weights("w", 1, 2).Node("z = Gemm x w", OnnxAttribute.Of("transB", 1)).Node("y = HardSigmoid z").Model();
        ImportedNetwork network = OnnxImport.Read(model, "test.onnx", new ImportOptions { Output = ModelOutput.Probabilities });
        Assert.Equal([0.5f], network.Thresholds);
        Assert.Contains("follow the probabilities themselves", Assert.Single(network.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LogitsOfAModelThatEndsInSoftmax_IsAContradiction()
    {
        OnnxModel model = new GraphText(2).Weights("w", 3, 2).Node("z = Gemm x w", OnnxAttribute.Of("transB", 1)).Node("y = Softmax z").Model();
        InputException exception = Assert.Throws<InputException>(() => OnnxImport.Read(model, "test.onnx", new ImportOptions { Output = ModelOutput.Logits }));
        Assert.Equal("model: output: \"logits\", but the model ends in Softmax; allowed: \"probabilities\", or no output", exception.Message);
    }

    [Fact]
    public void Read_AnOperatorOfNoLayer_SaysWhich()
    {
        OnnxModel model = new GraphText(3).Node("a = Softmax x").Weights("w", 1, 3).Node("y = Gemm a w", OnnxAttribute.Of("transB", 1)).Model();
        UnsupportedOperatorException exception = Assert.Throws<UnsupportedOperatorException>(() => OnnxImport.Read(model, "test.onnx", new ImportOptions()));
        Assert.Equal(("Softmax", "node0"), (exception.Operation, exception.Node));
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "circle", "test.onnx: node node0 (Add): the input 'b', which nothing before the node yields; allowed: nodes behind those whose outputs they take" },
        { "twice", "test.onnx: value a: two nodes or constants yield it; allowed: one of them" },
        { "channels", "test.onnx: node node0 (Conv): weights [4, 5, 3, 3] in 1 groups on 3 channels; allowed: as many channels in the weights, times the groups, and filters that the groups divide" },
        { "window", "test.onnx: node node0 (Conv): a window of 9 on 4 with a padding of 0 and 0; allowed: a window within the padded input" },
        { "pads", "test.onnx: node node0 (Pad): padding of 99999999999; allowed: -1048576 to 1048576" },
        { "elements", "test.onnx: nodes[0].Pad: 201252870 elements, 201252870 with those before; allowed: at most 67108864 in values that are re-ordered" },
        { "constant", "test.onnx: node node0 (ConstantOfShape): a constant of too many elements; allowed: at most 67108864" },
        { "reshape", "test.onnx: node node0 (Reshape): the shape [0, 7, 7] of values [N, 3, 4, 4]; allowed: as many elements" },
        { "axis", "test.onnx: node node0 (Transpose): the order [0, 1, 1, 3] of 4 axes; allowed: each axis once" },
        { "matrix", "test.onnx: node node0 (MatMul): vectors of 4 for a matrix of 7 rows; allowed: 7" },
        { "nan", "test.onnx: nodes.1.Gemm.weight: a value that is not finite; allowed: finite weights" },
        { "nothing", "test.onnx: graph: scores that do not depend on the input; allowed: a network" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Read_ABrokenGraph_SaysWhatAndWhere(string kind, string message)
    {
        OnnxAttribute transposed = OnnxAttribute.Of("transB", 1);
        GraphText graph = new(3, 4, 4);
        OnnxModel model = kind switch
        {
            "circle" => graph.Node("a = Add x b").Node("b = Relu a").Model(),
            "twice" => graph.Node("a = Relu x").Node("a = Relu x").Node("y = Relu a").Model(),
            "channels" => graph.Weights("w", 4, 5, 3, 3).Node("y = Conv x w").Model(),
            "window" => graph.Weights("w", 4, 3, 9, 9).Node("y = Conv x w").Model(),
            "pads" => graph.Integers("p", 0, 0, 0, 0, 0, 0, 0, 99_999_999_999).Node("y = Pad x p").Model(),
            "elements" => graph.Integers("p", 0, 0, 4095, 4091, 0, 0, 4092, 4095).Node("y = Pad x p").Model(),
            "constant" => graph.Integers("s", 60_000, 60_000).Node("c = ConstantOfShape s").Node("y = Add x c").Model(),
            "reshape" => graph.Integers("s", 0, 7, 7).Node("y = Reshape x s").Model(),
            "axis" => graph.Node("y = Transpose x", OnnxAttribute.Of("perm", 0, 1, 1, 3)).Model(),
            "matrix" => graph.Weights("w", 7, 2).Node("y = MatMul x w").Model(),
            "nan" => graph.Floats("w", [.. Enumerable.Repeat(float.NaN, 48)]).Integers("s", 1, 48).Node("m = Reshape w s").Node("f = Flatten x").Node("y = Gemm f m", transposed).Model(),
            _ => graph.Node("s = Shape x").Floats("c", 1, 2).Node("y = Mul c c").Model(),
        };
        string found = Assert.Throws<InputException>(() => OnnxImport.Read(model, "test.onnx", new ImportOptions())).Message;
        Assert.Equal(kind == "nothing" ? "test.onnx: output y: a value that no node makes of the input; allowed: scores" : message, found);
    }

    [Fact]
    public void Read_ConstantsInAnotherFile_LieInTheModelsFolder()
    {
        OnnxTensor tensor = OnnxTensor.Of("w", [2], [1f, 2f]);
        File.WriteAllBytes(_folder.At("weights.bin"), [0, 0, 0, 0, .. tensor.Bytes.Span]);
        var inside = new OnnxExternalData(_folder.At("model.onnx"));
        Assert.Equal(tensor.Bytes.ToArray(), inside.Read("w", new Dictionary<string, string> { ["location"] = "weights.bin", ["offset"] = "4" }, 8).ToArray());

        // Taken a second time it is more than the file holds.
        Refused(inside, "weights.bin", "4");
        Directory.CreateDirectory(_folder.At("models"));
        var model = new OnnxExternalData(_folder.At("models/model.onnx"));
        Refused(model, "../weights.bin", "0");
        Refused(model, _folder.At("weights.bin"), "0");
        Refused(model, "missing.bin", "0");
        Refused(model, string.Empty, "0");
        File.CreateSymbolicLink(_folder.At("models/link.bin"), _folder.At("weights.bin"));
        Refused(model, "link.bin", "0");
        File.WriteAllBytes(_folder.At("models/short.bin"), [1, 2, 3]);
        Refused(model, "short.bin", "0");
        Refused(model, "short.bin", "-1");

        static void Refused(OnnxExternalData data, string location, string offset) =>
            Assert.Throws<InputException>(() => data.Read("w", new Dictionary<string, string> { ["location"] = location, ["offset"] = offset }, 8));
    }

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    private Network Create(OnnxModel model, ImportOptions options)
    {
        ImportedNetwork network = OnnxImport.Read(model, "test.onnx", options);
        return new OpenedModel
        {
            Path = "test.onnx",
            Architecture = network.Architecture,
            Normalization = network.Normalization,
            Thresholds = network.Thresholds,
            Names = null,
            Tensors = network.Tensors,
        }.Create(_device);
    }
}
