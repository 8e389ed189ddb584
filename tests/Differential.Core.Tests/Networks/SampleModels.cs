using Differential.Core.Files;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

/// <summary>Models for tests: every kind of layer, weights from a seed.</summary>
internal static class SampleModels
{
    internal static SavedModel Convolutional()
    {
        RandomStream random = new(7, "model");
        return new SavedModel(
            [
                new ConvOptions { Filters = 4, Size = 3, Padding = 1 }, new ReluOptions(), new MaxPoolOptions { Size = 2 },
                new ConvOptions { Filters = 3, Size = 3, Stride = 2, Bias = false }, new ReluOptions(), new AveragePoolOptions { Size = 2, Stride = 1 },
                new FlattenOptions(), new DenseOptions { Units = 5 }, new ReluOptions(), new DenseOptions { Units = 1 },
            ],
            new Shape(10, 12, 3),
            [0.1f, 1f / 3, 0.51f],
            1.7f,
            -0.123456789f,
            "airplane",
            "horse \"2\" é",
            [
                Tensor("layers.0.weight", 4, 3, 3, 3), Tensor("layers.0.bias", 4), Tensor("layers.3.weight", 3, 4, 3, 3),
                Tensor("layers.7.weight", 5, 3), Tensor("layers.7.bias", 5), Tensor("layers.9.weight", 1, 5), Tensor("layers.9.bias", 1),
            ]);

        NamedTensor Tensor(string name, params int[] shape) =>
            new(name, new Shape(shape), [.. Enumerable.Range(0, new Shape(shape).Length).Select(_ => (float)random.NextNormal())]);
    }
}
