using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

public class NetworkArchitectureTests
{
    private static readonly DenseOptions Score = new() { Units = 1 };

    public static TheoryData<int[], LayerOptions[], int, string, string> Mistakes => new()
    {
        { [8, 8, 3], [], -1, "0 layers", "1 to 1000" },
        { [8, 8], [Score], -1, "an input of shape [8, 8]", "[height, width, channels] or [features]" },
        { [8, 8, 3], [new ConvOptions { Filters = 4 }], 0, "the last layer yields [6, 6, 4]", "a dense layer with one unit at the end" },
        { [8], [new DenseOptions { Units = 2 }], 0, "the last layer yields [2]", "one unit" },
        { [8], [Score, new ReluOptions()], 1, "the last layer yields [1]", "one unit" },
        { [8], [new ConvOptions { Filters = 4 }, Score], 0, "conv on vectors of 8", "on images" },
        { [8, 8, 1], [new DenseOptions { Units = 4 }, new MaxPoolOptions(), Score], 1, "maxPool on vectors of 4", "on images" },
        { [8, 8, 1], [new FlattenOptions(), new AveragePoolOptions(), Score], 1, "averagePool on vectors of 64", "on images" },
        { [8, 6, 1], [new ConvOptions { Filters = 4, Size = 9, Padding = 1 }, Score], 0, "size 9 on images of 8 x 6 with padding 1", "at most 8" },
        { [5, 5, 1], [new MaxPoolOptions(), new MaxPoolOptions { Size = 3 }, Score], 1, "size 3 on images of 2 x 2", "at most 2" },
        { [8, 8, 1], [new ConvOptions { Filters = 0 }, Score], 0, "filters is 0", "1 to 65536" },
        { [8, 8, 1], [new ConvOptions { Filters = 1, Stride = 0 }, Score], 0, "stride is 0", "1 to 1024" },
        { [8, 8, 1], [new ConvOptions { Filters = 1, Padding = -1 }, Score], 0, "padding is -1", "0 to 1024" },
        { [8, 8, 1], [new MaxPoolOptions { Size = 0 }, Score], 0, "size is 0", "1 to 1024" },
        { [8], [new DenseOptions { Units = -3 }, Score], 0, "units is -3", "1 to 1048576" },
        { [8], [new DenseOptions { Units = 1_048_576 }, new DenseOptions { Units = 1_048_576 }, Score], 1, "the weights would have 1099511627776 elements", "at most 2147483647" },
        { [1024, 1024, 1], [new ConvOptions { Filters = 65_536, Padding = 1 }, Score], 0, "the output of one image would have 68719476736 elements", "at most 2147483647" },
        { [64, 64, 1], [new DenseOptions { Units = 400_000 }, new ReluOptions(), new DenseOptions { Units = 4_000 }, Score], 2, "parameters up to this layer", "at most 2147483647" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Create_LayersThatDoNotFit_NamesLayerFoundAndAllowed(int[] input, LayerOptions[] layers, int layer, string found, string allowed)
    {
        ArchitectureException error = Assert.Throws<ArchitectureException>(() => NetworkArchitecture.Create(new Shape(input), layers));
        Assert.Equal(layer, error.Layer);
        Assert.Contains(found, error.Found, StringComparison.Ordinal);
        Assert.Contains(allowed, error.Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_Cnn_HasTheContractsShapes()
    {
        var architecture = NetworkArchitecture.Create(new Shape(32, 32, 3), new CnnOptions().LayerList);
        Assert.Equal(
            ["[32, 32, 32]", "[32, 32, 32]", "[32, 32, 32]", "[32, 32, 32]", "[16, 16, 32]", "[16, 16, 64]", "[16, 16, 64]", "[16, 16, 64]", "[16, 16, 64]", "[8, 8, 64]", "[4096]", "[128]", "[128]", "[1]"],
            architecture.Layers.Select(layer => layer.Output.ToString()));
        Assert.Equal(896 + 9_248 + 18_496 + 36_928 + 524_416 + 129, architecture.ParameterCount);
        Assert.Equal(128, architecture.FeatureCount);
    }

    [Fact]
    public void Create_FlattenLeftOut_KeepsTheListsIndices()
    {
        using var device = new SimdDevice(threads: 1);
        var shape = new Shape(4, 4, 2);
        var architecture = NetworkArchitecture.Create(shape, [new ConvOptions { Filters = 3, Bias = false }, new ReluOptions(), new DenseOptions { Units = 1 }]);
        using var network = new Network(device, architecture, InputNormalization.None(shape));
        Assert.Equal(["layers.0.weight", "layers.2.weight", "layers.2.bias"], network.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(["[3, 2, 3, 3]", "[1, 12]", "[1]"], network.Parameters.Select(parameter => parameter.Shape.ToString()));
        Assert.Equal(3, architecture.Options.Count);
    }

    [Fact]
    public void Plan_BatchBeyondOneTensor_ThrowsBeforeAllocating()
    {
        using var device = new SimdDevice(threads: 1);
        var shape = new Shape(256, 256, 1);
        var architecture = NetworkArchitecture.Create(shape, [new ConvOptions { Filters = 64, Padding = 1 }, new DenseOptions { Units = 1 }]);
        using var network = new Network(device, architecture, InputNormalization.None(shape));
        long before = device.AllocatedBytes;
        ArchitectureException error = Assert.Throws<ArchitectureException>(() => network.Plan(1_024, PlanPurpose.Training));
        Assert.Equal(0, error.Layer);
        Assert.Equal(before, device.AllocatedBytes);
    }

    [Fact]
    public void Plan_LargerThanTheMachine_ThrowsBeforeAllocating()
    {
        using var device = new SimdDevice(threads: 1);
        var shape = new Shape(1_024, 1_024, 1);
        var architecture = NetworkArchitecture.Create(shape, [.. Enumerable.Repeat(new ReluOptions(), 900), Score]);
        using var network = new Network(device, architecture, InputNormalization.None(shape));
        long before = device.AllocatedBytes;
        Assert.Throws<DeviceMemoryException>(() => network.Plan(2_000, PlanPurpose.Attack));
        Assert.Equal(before, device.AllocatedBytes);
    }
}
