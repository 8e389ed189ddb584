using System.Text.Json;
using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Files;
using Differential.Core.Networks;
using Differential.Core.Tests.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

/// <summary>Names, files and messages of networks whose layers hold others.</summary>
public sealed class ResidualModelTests : IDisposable
{
    private readonly SimdDevice _device = new(threads: 2);
    private readonly TemporaryFolder _folder = new();

    private static LayerOptions[] Layers =>
    [
        new ConvOptions { Filters = 4, Padding = 1, Bias = false }, new BatchNormOptions { Momentum = 0.2 }, new ReluOptions(),
        new ResidualOptions
        {
            Layers = [new ConvOptions { Filters = 6, Padding = 1, Stride = 2, Lipschitz = true }, new BatchNormOptions()],
            Shortcut = [new ConvOptions { Filters = 6, Size = 1, Stride = 2, Bias = false }],
        },
        new GlobalAveragePoolOptions(), new DropoutOptions { Rate = 0.25 }, new DenseOptions { Units = 1 },
    ];

    [Fact]
    public void Parameters_OfNestedLayers_HaveTheirListsInTheirNames()
    {
        using Network network = Create();
        Assert.Equal(
            [
                "layers.0.weight", "layers.1.weight", "layers.1.bias", "layers.3.layers.0.weight", "layers.3.layers.0.bias",
                "layers.3.layers.1.weight", "layers.3.layers.1.bias", "layers.3.shortcut.0.weight", "layers.6.weight", "layers.6.bias",
            ],
            network.Parameters.Select(static parameter => parameter.Name));
        Assert.Equal(
            ["layers.1.running_mean", "layers.1.running_var", "layers.3.layers.1.running_mean", "layers.3.layers.1.running_var"],
            network.State.Select(static state => state.Name));
        Assert.All(network.State, static state => Assert.All(state.Value.ToArray(), value => Assert.Equal(state.Name.EndsWith("var", StringComparison.Ordinal) ? 1 : 0, value)));
    }

    [Fact]
    public void Initialize_TwoNestedLayersOfOneBlock_HaveTheirOwnStreams()
    {
        var shape = new Shape(6);
        LayerOptions dense = new DenseOptions { Units = 6 };
        using var network = new Network(
            _device, NetworkArchitecture.Create(shape, [new ResidualOptions { Layers = [dense], Shortcut = [dense] }, new DenseOptions { Units = 1 }]), InputNormalization.None(shape));
        network.Initialize(1);
        Assert.NotEqual(network.Parameters[0].Value.ToArray(), network.Parameters[2].Value.ToArray());
    }

    [Fact]
    public void Load_WhatWasSaved_HasTheSameScoresAndStatistics()
    {
        DataSplits splits = ToyData.Images();
        using Network network = Create();
        network.SetState([.. network.StateValues!.ToArray().Select(static (value, i) => value + (0.01f * i))]);
        SavedModel saved = NetworkModel.ToSaved(network, splits);
        ModelFile.Save(_folder.At("model"), saved);
        SavedModel loaded = ModelFile.Load(_folder.At("model"));
        Assert.Equal(saved.Layers, loaded.Layers);
        Assert.DoesNotContain("lipschitz", JsonSerializer.Serialize(loaded.Layers), StringComparison.OrdinalIgnoreCase);
        using Network copy = NetworkModel.FromSaved(loaded, _device);
        Assert.Equal(network.StateValues.ToArray(), copy.StateValues!.ToArray());
        Assert.Equal(ScoreEvaluator.Scores(network, splits.Test), ScoreEvaluator.Scores(copy, splits.Test));
        Assert.StartsWith(
            """[{"kind":"conv","filters":4,"size":3,"stride":1,"padding":1,"bias":false},{"kind":"batchNorm","momentum":0.2,"epsilon":1E-05},{"kind":"relu"},{"kind":"residual","layers":[{"kind":"conv","filters":6""",
            SafetensorsFile.Read(_folder.At("model")).Metadata["architecture"],
            StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> BrokenFiles => new()
    {
        { "layers.3.shortcut.0.weight", "tensor \"layers.3.shortcut.0.weight\"", "it is missing" },
        { "layers.1.running_var", "tensor \"layers.1.running_var\"", "it is missing" },
    };

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void Load_WithoutATensor_NamesIt(string missing, string place, string found)
    {
        SavedModel saved = NetworkModel.ToSaved(Create(), ToyData.Images());
        ModelFile.Save(_folder.At("model"), saved with { Parameters = [.. saved.Parameters.Where(tensor => tensor.Name != missing)] });
        InputException error = Assert.Throws<InputException>(() => ModelFile.Load(_folder.At("model")));
        Assert.Equal((place, found), (error.Place, error.Found));
    }

    [Fact]
    public void Load_NestedLayerOutOfItsRange_NamesItsPlace()
    {
        SavedModel saved = NetworkModel.ToSaved(Create(), ToyData.Images());
        ModelFile.Save(_folder.At("model"), saved);
        SafetensorsContent content = SafetensorsFile.Read(_folder.At("model"));
        var metadata = new Dictionary<string, string>(content.Metadata);
        metadata["architecture"] = metadata["architecture"].Replace("\"epsilon\":1E-05}]", "\"epsilon\":7}]", StringComparison.Ordinal);
        using (FileStream stream = File.Create(_folder.At("model")))
        {
            SafetensorsFile.Write(stream, content.Tensors, metadata);
        }

        InputException error = Assert.Throws<InputException>(() => ModelFile.Load(_folder.At("model")));
        Assert.Equal(("__metadata__.architecture: $[3].layers[1].epsilon", "the number 7", "1E-12 to 1"), (error.Place, error.Found, error.Allowed));
    }

    public static TheoryData<LayerOptions, string, string> Mistakes => new()
    {
        { new ResidualOptions { Layers = [new ConvOptions { Filters = 2 }] }, "layers[0]", "the layers yield [6, 6, 2], the block's input is [8, 8, 1]" },
        { new ResidualOptions { Layers = [new ReluOptions()], Shortcut = [new MaxPoolOptions()] }, "layers[0]", "the layers yield [8, 8, 1], the shortcut yields [4, 4, 1]" },
        { new ResidualOptions { Layers = [new ReluOptions(), new ConvOptions { Filters = 1, Size = 99 }] }, "layers[0].layers[1]", "size 99 on images of 8 x 8 with padding 0" },
        { new ResidualOptions { Layers = [new ReluOptions()], Shortcut = [new FlattenOptions(), new GlobalAveragePoolOptions()] }, "layers[0].shortcut[1]", "globalAveragePool on vectors of 64" },
        { new ResidualOptions { Layers = [new ResidualOptions { Layers = [new MaxMinOptions()] }] }, "layers[0].layers[0].layers[0]", "maxMin on 1 channels" },
        { new ResidualOptions { Layers = [] }, "layers", "0 layers" },
        { new DropoutOptions { Rate = 1 }, "layers[0]", "rate is 1" },
        { new BatchNormOptions { Momentum = -0.5 }, "layers[0]", "momentum is -0.5" },
        { new BatchNormOptions { Epsilon = 0 }, "layers[0]", "epsilon is 0" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Create_LayerThatDoesNotFit_NamesItsPlace(LayerOptions layer, string place, string found)
    {
        ArchitectureException error = Assert.Throws<ArchitectureException>(() => NetworkArchitecture.Create(new Shape(8, 8, 1), [layer, new DenseOptions { Units = 1 }]));
        Assert.Equal((place, found), (error.Place.ToString(), error.Found));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _device.Dispose();
    }

    private Network Create()
    {
        var shape = new Shape(8, 8, 1);
        var network = new Network(_device, NetworkArchitecture.Create(shape, Layers), InputNormalization.None(shape));
        network.Initialize(3);
        return network;
    }
}
