using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Training;

/// <summary>
/// Checkpoints and models that version 0.1.0 wrote before tensors had names in checkpoints (tests/files/0.1.0): a run interrupted after seven steps,
/// and the model that it ended with. Vectors of one width, so that processors compute the same bits.
/// </summary>
public sealed class EarlierFilesTests : IDisposable
{
    private const int VectorBits = 128;
    private const int StepsBefore = 7;

    private readonly TemporaryFolder _folder = new();
    private readonly DataSplits _splits = ToyData.Images(40, 33);

    [Theory]
    [InlineData("sgd")]
    [InlineData("adam")]
    public void Run_OnACheckpointOfVersion010_EndsWithTheModelOfThatVersion(string name)
    {
        foreach (string path in Directory.EnumerateFiles(Earlier(name), "*.bin"))
        {
            File.Copy(path, _folder.At(Path.GetFileName(path)));
        }

        using var observer = new RecordingObserver();
        byte[] model = Train(name, _folder.Root, observer);

        Assert.Equal((2, 2, 1), observer.ResumedAt);
        Assert.Equal(20 - StepsBefore, observer.Steps);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Earlier(name), "model.safetensors")), model);
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("adam")]
    public void Load_AModelOfVersion010_IsTheSameFileWhenSavedAgain(string name)
    {
        string path = Path.Combine(Earlier(name), "model.safetensors");
        using var device = new SimdDevice(threads: 1, VectorBits);
        using Network network = NetworkModel.FromSaved(ModelFile.Load(path), device);
        ModelFile.Save(_folder.At("model"), NetworkModel.ToSaved(network, _splits));
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(_folder.At("model")));
    }

    public void Dispose() => _folder.Dispose();

    private static string Earlier(string name) => Path.Combine(AppContext.BaseDirectory, "files", "0.1.0", name);

    private static (IReadOnlyList<LayerOptions> Layers, TrainingOptions Options) Job(string name) => name == "sgd"
        ? (ToyTraining.Layers, ToyTraining.Options with { KeepEpochs = true })
        : ([
            new ConvOptions { Filters = 4, Size = 4, Stride = 2, Padding = 1, Lipschitz = true, Orthogonality = 0.1 }, new MaxMinOptions(),
            new DenseOptions { Units = 6, Lipschitz = true, Orthogonality = 0.1 }, new MaxMinOptions(), new DenseOptions { Units = 1, Lipschitz = true },
        ], ToyTraining.Options with { Loss = new DifferentialOptions { Temperature = 8 }, Optimizer = new AdamOptions { LearningRate = 0.01 } });

    /// <summary>Trains in a folder of checkpoints; the bytes of the model's file.</summary>
    private byte[] Train(string name, string folder, RecordingObserver observer)
    {
        using var device = new SimdDevice(threads: 2, VectorBits);
        (IReadOnlyList<LayerOptions> layers, TrainingOptions options) = Job(name);
        using Network network = ToyTraining.CreateNetwork(device, _splits, layers);
        TrainingResult result = Trainer.Run(network, _splits, options, new CheckpointStore(folder), observer, observer.Token);
        Assert.Equal(options.KeepEpochs ? [1, 2, 3, 4] : [], result.Snapshots.Select(static snapshot => snapshot.Epoch));
        ModelFile.Save(_folder.At("model.safetensors"), NetworkModel.ToSaved(network, _splits));
        return File.ReadAllBytes(_folder.At("model.safetensors"));
    }
}
