using Differential.Core.Importing;
using Differential.Core.Models;
using Differential.Core.Networks;
using Differential.Core.Onnx;
using Differential.Core.Tests.Networks;
using Differential.Core.Tests.Onnx;
using Differential.Kernels.Devices;
using DenseTensor = Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>;
using InferenceSession = Microsoft.ML.OnnxRuntime.InferenceSession;
using NamedOnnxValue = Microsoft.ML.OnnxRuntime.NamedOnnxValue;

namespace Differential.Core.Tests.Importing;

/// <summary>What PyTorch's exporter does not write: scores as ONNX Runtime computes them, gradients as finite differences.</summary>
public sealed class OperatorTests : IDisposable
{
    private const int Count = 3;

    private readonly SimdDevice _device = new(threads: 1);

    private static readonly int[] Image = [3, 6, 5];

    private static Dictionary<string, (int[] Input, OnnxModel Model)> Graphs => new()
    {
        ["conv, same upper"] = (Image, new GraphText(Image).Weights("w", 4, 3, 3, 2).Node("y = Conv x w", OnnxAttribute.Of("auto_pad", "SAME_UPPER"), OnnxAttribute.Of("strides", 2, 2)).Scored(36)),
        ["conv, same lower"] = (Image, new GraphText(Image).Weights("w", 4, 3, 2, 2).Node("y = Conv x w", OnnxAttribute.Of("auto_pad", "SAME_LOWER")).Scored(120)),
        ["conv, valid"] = (Image, new GraphText(Image).Weights("w", 4, 3, 3, 3).Weights("b", 4).Node("y = Conv x w b", OnnxAttribute.Of("auto_pad", "VALID")).Scored(48)),
        ["max-pool, same upper"] = (Image, new GraphText(Image).Node("y = MaxPool x", OnnxAttribute.Of("kernel_shape", 3, 3), OnnxAttribute.Of("strides", 2, 2), OnnxAttribute.Of("auto_pad", "SAME_UPPER")).Scored(27)),
        ["average-pool, same upper"] = (Image, new GraphText(Image).Node("y = AveragePool x", OnnxAttribute.Of("kernel_shape", 2, 2), OnnxAttribute.Of("strides", 2, 2), OnnxAttribute.Of("auto_pad", "SAME_UPPER")).Scored(27)),
        ["gemm with factors"] = ([7], new GraphText(7).Weights("w", 7, 4).Weights("b", 1, 4).Node("y = Gemm x w b", OnnxAttribute.Of("alpha", 0.5f), OnnxAttribute.Of("beta", 2f)).Scored(4)),
        ["matmul over the last axis"] = ([5, 4], new GraphText(5, 4).Weights("w", 4, 3).Node("y = MatMul x w").Node("z = Relu y").Scored(15)),
        ["gelu"] = (Image, new GraphText(Image).Weights("w", 4, 3, 3, 3).Node("y = Conv x w").Node("z = Gelu y").Scored(48, 20)),
        ["gelu by tanh"] = (Image, new GraphText(Image).Weights("w", 4, 3, 3, 3).Node("y = Conv x w").Node("z = Gelu y", OnnxAttribute.Of("approximate", "tanh")).Scored(48, 20)),
        ["hard sigmoid, square, negation"] = (Image, new GraphText(Image).Floats("two", 2).Node("a = HardSigmoid x").Node("b = Neg a").Node("y = Pow b two").Scored(90)),
        ["constant less a value, and by each element"] = (Image, new GraphText(Image).Weights("c", 1, 3, 1, 1).Weights("d", 6, 5).Positive("e", 3, 6, 5).Node("a = Sub c x").Node("b = Mul d a").Node("y = Div b e").Scored(90)),
        ["constant along the columns"] = (Image, new GraphText(Image).Weights("c", 5).Weights("d", 6, 1).Node("a = Add x c").Node("y = Mul a d").Scored(90)),
        ["values of stretched shapes"] = (Image, new GraphText(Image).Node("m = ReduceMean x", OnnxAttribute.Of("axes", 1, 3)).Node("y = Sub x m").Scored(90)),
        ["mean without its axes"] = (Image, new GraphText(Image).Node("y = ReduceMean x", OnnxAttribute.Of("axes", -1, 1), OnnxAttribute.Of("keepdims", 0)).Scored(6)),
        ["slices, backwards and in steps"] = (Image, new GraphText(Image).Integers("s", -1, 1).Integers("e", -9, 6).Integers("a", 1, 2).Integers("t", -1, 2).Node("y = Slice x s e a t").Scored(45)),
        ["gathered channels, and one row"] = (Image, new GraphText(Image).Integers("i", 2, 0, 2).Node("a = Gather x i", OnnxAttribute.Of("axis", 1)).Node("y = Relu a").Scored(90)),
        ["split into three"] = (Image, new GraphText(Image).Node("a b c = Split x", OnnxAttribute.Of("axis", 1)).Node("d = Mul a c").Node("y = Add d b").Scored(30)),
        ["pads of some axes, cut too"] = (Image, new GraphText(Image).Integers("p", 0, 0, -1, 2, 0, 0, 0, 1).Floats("v", 0.7f).Node("y = Pad x p v").Scored(120)),
        ["squeezed and unsqueezed"] = (Image, new GraphText(Image).Integers("a", 2, -1).Node("m = ReduceMean x", OnnxAttribute.Of("axes", 2, 3)).Node("b = Squeeze m a").Node("c = Unsqueeze b a").Node("y = Mul x c").Scored(90)),
        ["transposed, reshaped, joined"] = (Image, new GraphText(Image).Integers("s", 0, 5, -1).Node("a = Transpose x", OnnxAttribute.Of("perm", 0, 2, 3, 1)).Node("b = Reshape a s").Node("c = Relu b").Node("y = Concat b c", OnnxAttribute.Of("axis", -1)).Scored(180)),
        ["shape arithmetic"] = (Image, new GraphText(Image).Integers("zero", 0).Integers("rest", -1).Node("s = Shape x").Node("n = Gather s zero").Node("t = Concat n rest", OnnxAttribute.Of("axis", 0)).Node("y = Reshape x t").Scored(90)),
        ["prelu of one slope, elu, selu, softplus"] = (Image, new GraphText(Image).Floats("m", -0.3f).Node("a = PRelu x m").Node("b = Elu a", OnnxAttribute.Of("alpha", 0.4f)).Node("c = Selu b").Node("d = Softplus c").Node("y = Tanh d").Scored(90)),
        ["batch norm of vectors"] = ([6], new GraphText(6).Weights("w", 6, 4).Positive("s", 4).Weights("b", 4).Weights("m", 4).Positive("v", 4).Node("a = MatMul x w").Node("y = BatchNormalization a s b m v", OnnxAttribute.Of("epsilon", 0.01f)).Scored(4)),
        ["the input twice"] = (Image, new GraphText(Image).Floats("half", 0.5f).Node("a = Sub x half").Node("b = Sigmoid x").Node("y = Mul a b").Scored(90)),
        ["normalised by one mean and one scale"] = (Image, new GraphText(Image).Floats("half", 0.5f).Floats("four", 4).Weights("w", 4, 3, 3, 3).Node("a = Sub x half").Node("b = Mul a four").Node("y = Conv b w", OnnxAttribute.Of("pads", 1, 1, 1, 1)).Scored(120)),
        ["scaler of scikit-learn"] = ([3], new GraphText(3).Node("y = ai.onnx.ml.Scaler x", new OnnxAttribute("offset") { Floats = [0.1f, 0.2f, 0.3f] }, new OnnxAttribute("scale") { Floats = [1, 2, 3] }).Scored(3)),
    };

    public static TheoryData<string> Names => [.. Graphs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_AGraph_ComputesWhatOnnxRuntimeDoes(string name)
    {
        (int[] input, OnnxModel model) = Graphs[name];
        byte[] bytes = ExportedNetwork.Bytes(model);
        OnnxModel read = OnnxFile.Parse(bytes, "test.onnx", new OnnxExternalData("test.onnx"));
        ImportedNetwork imported = OnnxImport.Read(read, "test.onnx", new ImportOptions());
        var random = new RandomStream(4, name);
        float[] samples = [.. Enumerable.Range(0, Count * input.Aggregate(1, static (a, b) => a * b)).Select(_ => (float)random.NextNormal())];
        float[] expected = name.StartsWith("scaler", StringComparison.Ordinal) ? ByHand(model, samples) : ByRuntime(bytes, input, samples);

        using Network network = Opened(imported).Create(_device);
        using NetworkPlan plan = network.Plan(Count, PlanPurpose.Attack);
        Shape shape = imported.Architecture.Input;
        using Tensor<float> x = _device.Allocate(shape.Batched(Count));
        float[] inputs = shape.Rank == 3 ? ExportedNetwork.ChannelsFirst(new Shape(1, shape[2], shape[0] * shape[1]), samples) : samples;
        x.Write(inputs);
        float[] scores = plan.Forward(x, Count).ToArray();
        for (int i = 0; i < Count; i++)
        {
            Assert.True(Math.Abs(expected[i] - scores[i]) <= 1e-5 + (2e-5 * Math.Abs(expected[i])), $"score {i}: {scores[i]}; ONNX Runtime has {expected[i]}");
        }

        float[] gradient = new float[inputs.Length];
        using Tensor<float> slopes = _device.Allocate(new Shape(Count), [1f, -0.7f, 0.4f]);
        plan.InputGradient(slopes, Count).Read(gradient);
        GradientCheck.Check(inputs, gradient, Objective, name);

        double Objective()
        {
            x.Write(inputs);
            float[] values = plan.Forward(x, Count).ToArray();
            return values[0] - (0.7 * values[1]) + (0.4 * values[2]);
        }
    }

    public void Dispose() => _device.Dispose();

    private static OpenedModel Opened(ImportedNetwork network) => new()
    {
        Path = "test.onnx",
        Architecture = network.Architecture,
        Normalization = network.Normalization,
        Thresholds = network.Thresholds,
        Names = null,
        Tensors = network.Tensors,
    };

    private static float[] ByRuntime(byte[] model, int[] input, float[] samples)
    {
        using var session = new InferenceSession(model);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor(samples, [Count, .. input]))]);
        return [.. results[0].AsEnumerable<float>()];
    }

    /// <summary>ONNX Runtime needs the other operators' version in the file, which this program never writes.</summary>
    private static float[] ByHand(OnnxModel model, float[] samples)
    {
        float[] weight = model.Graph.Initializers.Single(static tensor => tensor.Name == "scoring").Floats();
        return [.. samples.Chunk(3).Select(x => (weight[0] * (x[0] - 0.1f)) + (weight[1] * 2 * (x[1] - 0.2f)) + (weight[2] * 3 * (x[2] - 0.3f)))];
    }
}
