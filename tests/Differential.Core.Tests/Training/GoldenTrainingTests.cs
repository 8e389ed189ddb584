using System.Text.Json;
using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>Five steps of a tiny network against PyTorch's (golden/make_training_golden.py).</summary>
public sealed class GoldenTrainingTests : IDisposable
{
    private readonly JsonDocument _golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "training.json")));

    public static TheoryData<string, string> Runs => new()
    {
        { "differential", "sgd" },
        { "differential", "nesterov" },
        { "differential", "adam" },
        { "cross_entropy", "sgd" },
        { "cross_entropy", "nesterov" },
        { "cross_entropy", "adam" },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void FiveSteps_AsPyTorch(string lossName, string optimizerName)
    {
        JsonElement root = _golden.RootElement;
        JsonElement expected = root.GetProperty("runs").EnumerateArray()
            .Single(run => run.GetProperty("loss").GetString() == lossName && run.GetProperty("optimizer").GetString() == optimizerName);
        Dataset data = ReadData(root);
        using var device = new SimdDevice(threads: 2);
        using Network network = CreateNetwork(device, root);
        using NetworkPlan plan = network.Plan(7, PlanPurpose.Training);
        using var samples = new SampleBatches(device, data);
        using Optimizer optimizer = OptimizerOf(optimizerName).CreateOptimizer(network);
        using Loss loss = ((LossOptions)(lossName == "differential" ? new DifferentialOptions() : new CrossEntropyOptions())).CreateLoss(device, 7);
        using Tensor<float> batch = device.Allocate(data.SampleShape.Batched(7));
        using Tensor<float> labels = device.Allocate(new Shape(7));
        using Tensor<float> dScores = device.Allocate(new Shape(7));
        using Tensor<float> value = device.Allocate(new Shape(1));
        var losses = new List<float>();
        float rate = LearningRate.At(OptimizerOf(optimizerName), 0, 5);
        foreach (JsonElement step in root.GetProperty("batches").EnumerateArray())
        {
            int[] indices = [.. step.EnumerateArray().Select(static index => index.GetInt32())];
            samples.Load(indices, batch);
            labels.Write([.. indices.Select(index => (float)data.Labels[index])]);
            loss.Compute(plan.Forward(batch, 7), labels, dScores, value, 7);
            plan.ParameterGradients(dScores, 7);
            optimizer.Prepare(rate);
            optimizer.Step(value);
            losses.AddRange(value.ToArray());
        }

        AssertClose(Floats(expected.GetProperty("losses")), [.. losses], "losses");
        foreach (Parameter parameter in network.Parameters)
        {
            AssertClose(Floats(expected.GetProperty("parameters").GetProperty(parameter.Name)), parameter.Value.ToArray(), parameter.Name);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void FiveSteps_OfAResidualNetworkWithBatchNorm_AsPyTorch(int threads)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "residualTraining.json")));
        JsonElement root = golden.RootElement;
        Dataset data = ReadData(root);
        using var device = new SimdDevice(threads);
        using var network = new Network(
            device, NetworkArchitecture.Create(data.SampleShape, ResidualLayers), new InputNormalization(Floats(root.GetProperty("mean")), root.GetProperty("scale").GetSingle()));
        foreach (JsonProperty value in root.GetProperty("start").EnumerateObject())
        {
            network.SetParameter(value.Name, Floats(value.Value));
        }

        var options = new SgdOptions { LearningRate = 0.05, Momentum = 0.9, WeightDecay = 0.01 };
        using NetworkPlan plan = network.Plan(7, PlanPurpose.Training);
        using var samples = new SampleBatches(device, data);
        using Optimizer optimizer = options.CreateOptimizer(network);
        using Loss loss = new DifferentialOptions().CreateLoss(device, 7);
        using Tensor<float> batch = device.Allocate(data.SampleShape.Batched(7));
        using Tensor<float> labels = device.Allocate(new Shape(7));
        using Tensor<float> dScores = device.Allocate(new Shape(7));
        using Tensor<float> value1 = device.Allocate(new Shape(1));
        var losses = new List<float>();
        foreach (JsonElement step in root.GetProperty("batches").EnumerateArray())
        {
            int[] indices = [.. step.EnumerateArray().Select(static index => index.GetInt32())];
            samples.Load(indices, batch);
            labels.Write([.. indices.Select(index => (float)data.Labels[index])]);
            loss.Compute(plan.Forward(batch, 7, PassMode.Train), labels, dScores, value1, 7);
            plan.ParameterGradients(dScores, 7);
            optimizer.Prepare(0.05f);
            optimizer.Step(value1);
            losses.AddRange(value1.ToArray());
        }

        AssertClose(Floats(root.GetProperty("losses")), [.. losses], "losses");
        JsonElement end = root.GetProperty("end");
        Assert.Equal(end.EnumerateObject().Count(), network.Parameters.Count + network.State.Count);
        foreach ((string name, Tensor<float> tensor) in network.Parameters.Select(static parameter => (parameter.Name, parameter.Value)).Concat(network.State.Select(static state => (state.Name, state.Value))))
        {
            AssertClose(Floats(end.GetProperty(name)), tensor.ToArray(), name);
        }

        using NetworkPlan attack = network.Plan(data.Count, PlanPurpose.Attack);
        using Tensor<float> all = device.Allocate(data.SampleShape.Batched(data.Count));
        using Tensor<float> ones = device.Allocate(new Shape(data.Count));
        ones.Fill(1);
        samples.Load(Enumerable.Range(0, data.Count).ToArray(), all);
        AssertClose(Floats(root.GetProperty("scores")), attack.Forward(all, data.Count).ToArray(), "scores");
        AssertClose(Floats(root.GetProperty("inputGradients")), attack.InputGradient(ones, data.Count).ToArray(), "input gradients");
    }

    public void Dispose() => _golden.Dispose();

    private static LayerOptions[] ResidualLayers =>
    [
        new ConvOptions { Filters = 4, Padding = 1, Bias = false }, new BatchNormOptions(), new ReluOptions(),
        new ResidualOptions
        {
            Layers =
            [
                new ConvOptions { Filters = 4, Padding = 1, Bias = false }, new BatchNormOptions(), new ReluOptions(),
                new ConvOptions { Filters = 4, Padding = 1 }, new BatchNormOptions { Momentum = 0.3 },
            ],
        },
        new ReluOptions(),
        new ResidualOptions
        {
            Layers = [new ConvOptions { Filters = 6, Stride = 2, Padding = 1 }, new BatchNormOptions(), new ReluOptions()],
            Shortcut = [new ConvOptions { Filters = 6, Size = 1, Stride = 2, Bias = false }, new BatchNormOptions { Epsilon = 1e-3 }],
        },
        new GlobalAveragePoolOptions(), new FlattenOptions(), new DenseOptions { Units = 1 },
    ];

    private static Dataset ReadData(JsonElement root) => Dataset.OfImages(
        new Shape(root.GetProperty("height").GetInt32(), root.GetProperty("width").GetInt32(), root.GetProperty("channels").GetInt32()),
        [.. root.GetProperty("labels").EnumerateArray().Select(static label => label.GetSByte())],
        [.. root.GetProperty("pixels").EnumerateArray().Select(static pixel => pixel.GetByte())]);

    private static Network CreateNetwork(ComputeDevice device, JsonElement root)
    {
        var architecture = NetworkArchitecture.Create(
            ReadData(root).SampleShape,
            [
                new ConvOptions { Filters = 3, Padding = 1 }, new ReluOptions(), new MaxPoolOptions(),
                new ConvOptions { Filters = 4, Size = 2 }, new ReluOptions(), new AveragePoolOptions { Stride = 1 },
                new FlattenOptions(), new DenseOptions { Units = 5 }, new ReluOptions(), new DenseOptions { Units = 1 },
            ]);
        var network = new Network(device, architecture, new InputNormalization(Floats(root.GetProperty("mean")), root.GetProperty("scale").GetSingle()));
        foreach (JsonProperty parameter in root.GetProperty("start").EnumerateObject())
        {
            network.SetParameter(parameter.Name, Floats(parameter.Value));
        }

        return network;
    }

    private static OptimizerOptions OptimizerOf(string name) => name switch
    {
        "sgd" => new SgdOptions { LearningRate = 0.1, Momentum = 0.9, WeightDecay = 0.01 },
        "nesterov" => new SgdOptions { LearningRate = 0.1, Momentum = 0.9, Nesterov = true },
        _ => new AdamOptions { LearningRate = 0.01, WeightDecay = 0.001 },
    };

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(static value => value.GetSingle())];

    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-6 + (1e-4 * Math.Abs(expected[i])), $"{what}[{i}] is {actual[i]}; {expected[i]} is expected");
        }
    }
}
