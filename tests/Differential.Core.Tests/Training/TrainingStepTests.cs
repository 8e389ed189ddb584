using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>
/// A training step is the same work each time: as a device graph, replayed on CUDA and compared launch by launch on the simulator, it
/// gives the bits that it gives without.
/// </summary>
public sealed class TrainingStepTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string device in (string[])["ilgpu-cpu", "cuda"])
            {
                foreach (string kind in (string[])["sgd", "cosine", "adam", "normalized", "crossEntropy", "pgd", "pgdWarmup", "trades", "lipschitz", "recomputed", "streamed"])
                {
                    rows.Add(device, kind);
                }
            }

            // A simulated thread costs a thread: images are for the GPU alone.
            foreach (string kind in (string[])["images", "classes", "augment", "fullBatch"])
            {
                rows.Add("cuda", kind);
            }

            return rows;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Run_AsDeviceGraph_GivesTheBitsThatItGivesWithout(string device, string kind)
    {
        (TrainingResult Result, float[] Parameters) plain = Train(device, kind, graphs: false);
        (TrainingResult Result, float[] Parameters) graph = Train(device, kind, graphs: true);
        Assert.Equal(plain.Parameters, graph.Parameters);
        Assert.Equal(plain.Result.TrainScores, graph.Result.TrainScores);
        Assert.Equal(plain.Result.Epochs.Select(static report => report.Loss), graph.Result.Epochs.Select(static report => report.Loss));
        Assert.Contains(plain.Parameters, static value => value != 0);
    }

    private static (TrainingResult Result, float[] Parameters) Train(string name, string kind, bool graphs)
    {
        // Nine samples of each class make batches of 4 and a last one of 2: two graphs.
        DataSplits splits = ToyData.Points(9);
        TrainingOptions options = ToyTraining.Options with { BatchSize = 4, Epochs = 3 };
        IReadOnlyList<LayerOptions> layers = [new DenseOptions { Units = 4 }, new ReluOptions(), new DenseOptions { Units = 1 }];
        switch (kind)
        {
            case "cosine":
                options = options with { Optimizer = new SgdOptions { LearningRate = 0.1, Momentum = 0.9, Schedule = Schedule.Cosine } };
                break;
            case "adam":
                options = options with { Optimizer = new AdamOptions { WeightDecay = 0.01 } };
                break;
            case "normalized":
                options = options with { Optimizer = new NormalizedGradientOptions { LearningRate = 0.01 } };
                break;
            case "crossEntropy":
                options = options with { Loss = new CrossEntropyOptions() };
                break;
            case "pgd":
                options = options with { Adversarial = new PgdTrainingOptions { Steps = 2 } };
                break;
            case "pgdWarmup":
                // Five steps an epoch: the radius grows until the middle of the second.
                options = options with { Adversarial = new PgdTrainingOptions { Steps = 2, Warmup = 1.5 } };
                break;
            case "trades":
                options = options with { Adversarial = new TradesOptions { Steps = 2 } };
                break;
            case "images":
                (splits, layers) = (ToyData.Images(9, 9), ToyTraining.Layers);
                break;
            case "classes":
                (splits, layers, options) = (ClassToyData.Images([7, 7, 7]), ClassToyData.Layers, options with { BatchSize = 6, Loss = new CrossEntropyOptions() });
                break;
            case "augment":
                (splits, layers, options) = (ToyData.Images(9, 9), ToyTraining.Layers, options with { Augment = new AugmentationOptions { Flip = true, Crop = 1 } });
                break;
            case "fullBatch":
                (splits, layers, options) = (ToyData.Images(260, 260), [new DenseOptions { Units = 1 }], options with { Optimizer = new NormalizedGradientOptions { LearningRate = 0.01 } });
                break;
            case "recomputed":
                options = options with { Activations = Activations.Recomputed };
                layers =
                [
                    new DenseOptions { Units = 4 }, new BatchNormOptions(), new ReluOptions(),
                    new ResidualOptions { Layers = [new DenseOptions { Units = 4 }, new ReluOptions(), new DenseOptions { Units = 4 }, new DropoutOptions { Rate = 0.2 }] },
                    new DenseOptions { Units = 4 }, new LeakyReluOptions(), new DenseOptions { Units = 4 }, new LeakyReluOptions(), new DenseOptions { Units = 1 },
                ];
                break;
            case "lipschitz":
                layers = [new DenseOptions { Units = 4, Lipschitz = true, Orthogonality = 0.2 }, new MaxMinOptions(), new DenseOptions { Units = 1, Lipschitz = true }];
                break;
        }

        using ComputeDevice device = Devices.Open(name, new DeviceOptions { Graphs = graphs });
        using Network network = ToyTraining.CreateNetwork(device, splits, layers);
        if (kind == "streamed")
        {
            network.Initialize(options.Seed);
            using var run = new TrainingRun(network, splits, options, DataPlacement.All[^1], null, new RecordingObserver(), TimeProvider.System);
            return (run.Run(CancellationToken.None), network.ParameterValues.ToArray());
        }

        TrainingResult result = Trainer.Run(network, splits, options, null, new RecordingObserver(), CancellationToken.None);
        return (result, network.ParameterValues.ToArray());
    }
}
