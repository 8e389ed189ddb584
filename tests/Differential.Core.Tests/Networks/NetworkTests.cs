using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Files;
using Differential.Core.Networks;
using Differential.Core.Tests.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

public sealed class NetworkTests : IDisposable
{
    private readonly SimdDevice _device = new(threads: 2);

    [Fact]
    public void Initialize_He_HasItsVariancesAndNoBias()
    {
        var shape = new Shape(16, 16, 8);
        var architecture = NetworkArchitecture.Create(shape, [new ConvOptions { Filters = 64 }, new ReluOptions(), new DenseOptions { Units = 1 }]);
        using var network = new Network(_device, architecture, InputNormalization.None(shape));
        network.Initialize(7);
        float[] conv = network.Parameters[0].Value.ToArray();
        float[] last = network.Parameters[2].Value.ToArray();
        Assert.Equal(2.0 / 72, conv.Average(static value => (double)value * value), 2.0 / 72 * 0.06);
        Assert.Equal(1.0 / last.Length, last.Average(static value => (double)value * value), 1.0 / last.Length * 0.06);
        Assert.All(network.Parameters.Where(static parameter => parameter.IsBias), parameter => Assert.All(parameter.Value.ToArray(), static value => Assert.Equal(0f, value)));
    }

    [Fact]
    public void Initialize_Seed_DecidesTheValues()
    {
        DataSplits splits = ToyData.Images();
        using Network network = ToyTraining.CreateNetwork(_device, splits);
        network.Initialize(1);
        float[] first = network.ParameterValues.ToArray();
        network.Initialize(2);
        Assert.NotEqual(first, network.ParameterValues.ToArray());
        network.Initialize(1);
        Assert.Equal(first, network.ParameterValues.ToArray());
    }

    [Fact]
    public void FromSaved_OfToSaved_HasTheSameScores()
    {
        DataSplits splits = ToyData.Images();
        using Network network = ToyTraining.CreateNetwork(_device, splits);
        network.Initialize(3);
        network.Threshold = 0.25f;
        using Network copy = NetworkModel.FromSaved(NetworkModel.ToSaved(network, splits), _device);
        Assert.Equal(0.25f, copy.Threshold);
        Assert.Equal(ScoreEvaluator.Scores(network, splits.Train), ScoreEvaluator.Scores(copy, splits.Train));
    }

    [Theory]
    [InlineData("missing", "no layers.3.bias")]
    [InlineData("extra", "a tensor layers.9.weight")]
    [InlineData("shape", "layers.0.weight of shape [4, 1, 9]")]
    [InlineData("mean", "an input mean of 2 values")]
    public void FromSaved_ModelThatDoesNotFit_SaysWhat(string mistake, string found)
    {
        DataSplits splits = ToyData.Images();
        using Network network = ToyTraining.CreateNetwork(_device, splits);
        network.Initialize(3);
        SavedModel model = NetworkModel.ToSaved(network, splits);
        IReadOnlyList<NamedTensor> tensors = model.Parameters;
        SavedModel broken = mistake switch
        {
            "missing" => model with { Parameters = [.. tensors.Where(static tensor => tensor.Name != "layers.3.bias")] },
            "extra" => model with { Parameters = [.. tensors, new NamedTensor("layers.9.weight", new Shape(1), [0f])] },
            "shape" => model with { Parameters = [tensors[0] with { Shape = new Shape(4, 1, 9) }, .. tensors.Skip(1)] },
            _ => model with { InputMean = [0f, 0f] },
        };
        long before = _device.AllocatedBytes;
        ArchitectureException error = Assert.Throws<ArchitectureException>(() => NetworkModel.FromSaved(broken, _device));
        Assert.Equal(found, error.Found);
        Assert.Equal(before, _device.AllocatedBytes);
    }

    [Fact]
    public void Features_OfNetwork_GiveItsScores()
    {
        DataSplits splits = ToyData.Images();
        using Network network = ToyTraining.CreateNetwork(_device, splits);
        network.Initialize(3);
        float[][] features = FeatureEvaluator.Features(network, splits.Train);
        float[] scores = ScoreEvaluator.Scores(network, splits.Train);
        float[] weights = network.Parameters[^2].Value.ToArray();
        Assert.Equal(6, features[0].Length);
        for (int i = 0; i < scores.Length; i++)
        {
            Assert.Equal(features[i].Zip(weights, static (feature, weight) => (double)feature * weight).Sum(), scores[i], 1e-5);
        }
    }

    [Fact]
    public void Features_OfLinearNetwork_AreItsNormalisedInputs()
    {
        DataSplits splits = ToyData.Points(20);
        using Network network = ToyTraining.CreateNetwork(_device, splits);
        network.Initialize(3);
        float[][] features = FeatureEvaluator.Features(network, splits.Train);
        float[] inputs = splits.Train.Features!;
        Assert.Equal(inputs[6] - network.Normalization.Mean[0], features[3][0], 1e-6f);
        Assert.Equal(0, features.Average(static row => row[1]), 1e-5);
    }

    [Fact]
    public void From_MeansOfTheTrainingSet_ArePerChannel()
    {
        var images = Dataset.OfImages(new Shape(1, 2, 2), [1, -1], [0, 255, 51, 0, 102, 0, 51, 255]);
        InputNormalization normalization = InputNormalization.From(new InputOptions { Scale = 2 }, images);
        Assert.Equal([0.2f, 0.5f], normalization.Mean);
        Assert.Equal(2f, normalization.Scale);
    }

    [Theory]
    [InlineData(new[] { 0.1 }, "1 values")]
    [InlineData(new[] { 0.1, double.NaN }, "a value that is not a finite number")]
    public void From_MeanThatDoesNotFit_Throws(double[] mean, string found)
    {
        var images = Dataset.OfImages(new Shape(1, 2, 2), [1, -1], new byte[8]);
        InputException error = Assert.Throws<InputException>(() => InputNormalization.From(new InputOptions { Mean = InputMean.Of(mean) }, images));
        Assert.Equal(("input.mean", found), (error.Place, error.Found));
    }

    public void Dispose() => _device.Dispose();
}
