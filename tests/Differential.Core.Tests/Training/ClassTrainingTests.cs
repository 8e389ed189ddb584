using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Files;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Numerics;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>Trainings of three classes: what they learn, that they go on bit for bit, their files, and their margins from both sides.</summary>
public sealed class ClassTrainingTests : IDisposable
{
    private static readonly TrainingOptions Options = ToyTraining.Options with { BatchSize = 15, Epochs = 6 };

    private readonly TemporaryFolder _folder = new();
    private readonly DataSplits _splits = ClassToyData.Images([30, 24, 27]);

    public static TheoryData<TrainingOptions> Trainings =>
    [
        Options,
        Options with { Loss = new DifferentialOptions { Temperature = 2, Margin = 0.2 }, Adversarial = new PgdTrainingOptions { Epsilon = 0.2, Steps = 2 } },
        Options with { Loss = new CrossEntropyOptions(), Threshold = ThresholdRule.Zero, Adversarial = new TradesOptions { Epsilon = 0.2, Steps = 2, Beta = 1 } },
        Options with { Loss = new CrossEntropyOptions(), Threshold = ThresholdRule.Zero, Augment = new AugmentationOptions { Crop = 1 } },
        Options with { Loss = new SquaredErrorOptions(), Threshold = ThresholdRule.Zero },
        Options with { Loss = new HingeOptions() },
        Options with { Epochs = 100, Optimizer = new NormalizedGradientOptions { LearningRate = 0.05 } },
    ];

    [Theory]
    [MemberData(nameof(Trainings))]
    public void Run_InterruptedAndResumed_LearnsTheClassesAndEndsWithTheSameBits(TrainingOptions options)
    {
        using var straight = new RecordingObserver();
        (TrainingResult expected, float[] parameters) = ToyTraining.Run(_splits, options, straight, threads: 2, layers: ClassToyData.Layers);
        Assert.True(expected.TrainAccuracy > 0.9 && expected.TestAccuracy > 0.8, $"{expected.TrainAccuracy}, {expected.TestAccuracy}");
        Assert.Equal(options.Threshold == ThresholdRule.Zero, expected.Thresholds!.All(threshold => threshold == 0));
        Assert.Equal((81 * 3, 24 * 3), (expected.TrainScores.Count, expected.TestScores.Count));
        Assert.Equal(expected.TrainAccuracy, Accuracy(expected, _splits.Train));

        var store = new CheckpointStore(_folder.At("checkpoint"));
        using var interrupted = new RecordingObserver(7);
        Assert.ThrowsAny<OperationCanceledException>(() => ToyTraining.Run(_splits, options, interrupted, store, layers: ClassToyData.Layers));
        using var resumed = new RecordingObserver();
        (TrainingResult actual, float[] again) = ToyTraining.Run(_splits, options, resumed, store, layers: ClassToyData.Layers);
        Assert.NotNull(resumed.ResumedAt);
        Assert.Equal(parameters, again);
        Assert.Equal(expected.TrainScores, actual.TrainScores);
        Assert.Equal(expected.Thresholds, actual.Thresholds);
        Assert.Equal(expected.Epochs.Select(Figures), actual.Epochs.Select(Figures));

        static (double, double, double, double, string) Figures(EpochReport report) =>
            (report.Loss, report.TrainAccuracy, report.TestAccuracy, report.ScoreMargin, string.Join(' ', report.Thresholds!));
    }

    [Fact]
    public void Gradient_OfTheFullBatchInChunks_IsThatOfOneChunk()
    {
        using var device = new SimdDevice(threads: 1);
        using Network network = CreateNetwork(device, ClassToyData.Layers);
        network.Initialize(4);
        using var data = new SampleBatches(device, _splits.Train);
        float[] whole = Gradient(512);
        float[] chunks = Gradient(20);
        Assert.Contains(whole, value => Math.Abs(value) > 1e-3);
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.Equal(whole[i], chunks[i], 1e-5f);
        }

        float[] Gradient(int chunk)
        {
            using var source = new FullBatchGradient(network, data, new DifferentialOptions(), chunk);
            using Kernels.Devices.Tensor<float> loss = device.Allocate(new Kernels.Devices.Shape(1));
            Assert.Equal(81, source.Load(0));
            source.Compute(loss, 81);
            return network.ParameterGradients.ToArray();
        }
    }

    [Fact]
    public void Save_OfThreeClasses_ReadsBackTheSameAndDecidesAlike()
    {
        using var device = new SimdDevice(threads: 1);
        using Network network = Train(device, ClassToyData.Layers, Options);
        SavedModel saved = NetworkModel.ToSaved(network, _splits);
        ModelFile.Save(_folder.At("m"), saved);
        IReadOnlyDictionary<string, string> metadata = SafetensorsFile.Read(_folder.At("m")).Metadata;
        Assert.Equal("""["top","middle","bottom"]""", metadata["classes"]);
        Assert.Equal(network.Thresholds, System.Text.Json.JsonSerializer.Deserialize<float[]>(metadata["thresholds"])!);
        Assert.False(metadata.ContainsKey("threshold") || metadata.ContainsKey("positive") || metadata.ContainsKey("negative"));

        SavedModel loaded = ModelFile.Load(_folder.At("m"));
        Assert.Equal(["top", "middle", "bottom"], loaded.Classes);
        using Network copy = NetworkModel.FromSaved(loaded, device);
        Assert.Equal(network.Thresholds, copy.Thresholds);
        Assert.Equal(ScoreEvaluator.Scores(network, _splits.Test), ScoreEvaluator.Scores(copy, _splits.Test));
    }

    public static TheoryData<string, string?, string> BadMetadata => new()
    {
        { "classes", "[]", "[]" },
        { "classes", """["a","b"]""", """["a","b"]""" },
        { "classes", """["a","b",""]""", """["a","b",""]""" },
        { "classes", """["a","b",null]""", """["a","b",null]""" },
        { "classes", "3", "JSON that does not fit" },
        { "thresholds", null, "it is missing" },
        { "thresholds", "[1,2]", "[1,2]" },
        { "thresholds", "[1,2,1e99]", "[1,2,1e99]" },
    };

    [Theory]
    [MemberData(nameof(BadMetadata))]
    public void Load_BadMetadataOfClasses_NamesTheEntry(string key, string? text, string found)
    {
        using var device = new SimdDevice(threads: 1);
        using Network network = CreateNetwork(device, ClassToyData.Layers);
        network.Initialize(1);
        ModelFile.Save(_folder.At("m"), NetworkModel.ToSaved(network, _splits));
        SafetensorsContent content = SafetensorsFile.Read(_folder.At("m"));
        Dictionary<string, string> metadata = new(content.Metadata);
        metadata.Remove(key);
        if (text is not null)
        {
            metadata[key] = text;
        }

        using (FileStream stream = File.Create(_folder.At("m")))
        {
            SafetensorsFile.Write(stream, content.Tensors, metadata);
        }

        InputException error = Assert.Throws<InputException>(() => ModelFile.Load(_folder.At("m")));
        Assert.StartsWith($"__metadata__.{key}", error.Place, StringComparison.Ordinal);
        Assert.Equal(found, error.Found);
    }

    public static TheoryData<string, LayerOptions[]> Networks => new()
    {
        { "ordinary", [.. ClassToyData.Layers] },
        {
            "held at norm 1",
            [
                new ConvOptions { Filters = 4, Size = 4, Stride = 2, Padding = 1, Lipschitz = true, Orthogonality = 0.1 }, new MaxMinOptions(),
                new DenseOptions { Units = 6, Lipschitz = true, Orthogonality = 0.1 }, new MaxMinOptions(), new DenseOptions { Units = 3, Lipschitz = true },
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Bracket_OfATrainedNetwork_NeverCrosses(string name, LayerOptions[] layers)
    {
        TrainingOptions options = name == "ordinary" ? Options : Options with { Loss = new DifferentialOptions { Temperature = 8 }, Optimizer = new AdamOptions { LearningRate = 0.01 } };
        using var device = new SimdDevice(threads: 2);
        using Network network = Train(device, layers, options);
        Dataset samples = ClassToyData.Images([40, 40, 40], seed: 77).Train;
        using NetworkPlan plan = network.Plan(64, PlanPurpose.Attack);
        Fraction[] budgets = [0.02, 0.05, 0.1, 0.2, 0.3];
        var run = new AttackRunOptions
        {
            Attacks =
            [
                new DeepFoolOptions(),
                new FabOptions { Norm = AttackNorm.Linf, Steps = 20 },
                new PgdOptions { Norm = AttackNorm.L2, Epsilons = [0.1, 0.3, 0.6, 1.0, 1.5], Steps = 20 },
                new PgdOptions { Norm = AttackNorm.Linf, Epsilons = budgets, Steps = 20 },
            ],
            Seed = 3,
        };
        SplitAttackResult result = AttackRunner.Run(plan, samples, run, null, CancellationToken.None);
        Assert.True(result.Attacked > 90, $"{name}: {result.Attacked} samples are right");
        foreach (CertifyMethod[] methods in (CertifyMethod[][])[[CertifyMethod.Lipschitz], [CertifyMethod.Interval], [CertifyMethod.CrownInterval], [CertifyMethod.Crown]])
        {
            var certify = new CertifyOptions { Methods = methods, Samples = 12 };
            foreach (MarginBracket bracket in Certifier.Brackets(network, samples, result, certify, CancellationToken.None))
            {
                Assert.Equal(0, bracket.Crossed);
                double[] shares = [.. bracket.Certified.Zip(bracket.Found).Where(pair => pair.First is not null && pair.Second > 0).Select(pair => pair.First!.Value / pair.Second!.Value)];
                Assert.All(shares, share => Assert.InRange(share, 1e-6, 1));

                // A certificate of next to nothing would pass the above.
                Assert.True(methods[0] is not CertifyMethod.Crown || shares.Average() > 0.3, $"{name}, {bracket.Norm}: {shares.Average()} of the distances found are certified");
            }
        }
    }

    [Fact]
    public void Run_NetworkOfAnotherNumberOfScores_Throws()
    {
        using var device = new SimdDevice(threads: 1);
        using Network network = ToyTraining.CreateNetwork(device, ToyData.Images());
        using var observer = new RecordingObserver();
        DataSplits splits = new(ClassToyData.Images([4, 4, 4]).Train, ToyData.Images().Test, ["a", "b", "c"]);
        Assert.Throws<ArgumentException>(() => Trainer.Run(network, splits, Options, null, observer, observer.Token));
        ArchitectureException error = Assert.Throws<ArchitectureException>(() => NetworkArchitecture.Create(new Kernels.Devices.Shape(5), [new DenseOptions { Units = 1 }], 3));
        Assert.Equal("a dense layer with 3 units at the end, one for each class", error.Allowed);
    }

    public void Dispose() => _folder.Dispose();

    private static double Accuracy(TrainingResult result, Dataset data)
    {
        float[] scores = [.. result.TrainScores];
        float[] thresholds = [.. result.Thresholds!];
        return data.Labels.Select((label, i) => Enumerable.Range(0, 3).MaxBy(k => scores[(3 * i) + k] - thresholds[k]) == label ? 1.0 : 0).Average();
    }

    private Network Train(SimdDevice device, IReadOnlyList<LayerOptions> layers, TrainingOptions options)
    {
        Network network = CreateNetwork(device, layers);
        using var observer = new RecordingObserver();
        Trainer.Run(network, _splits, options, null, observer, observer.Token);
        return network;
    }

    private Network CreateNetwork(SimdDevice device, IReadOnlyList<LayerOptions> layers) => ToyTraining.CreateNetwork(device, _splits, layers);
}
