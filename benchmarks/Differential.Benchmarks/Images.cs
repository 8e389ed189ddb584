using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks;

/// <summary>Random images of CIFAR-10's size, and networks for them.</summary>
internal static class Images
{
    public static Shape Size { get; } = new(32, 32, 3);

    /// <summary>Random bytes, labels in turn +1 and −1.</summary>
    /// <param name="count">Images.</param>
    /// <param name="size">Of an image; null for CIFAR-10's.</param>
    public static Dataset Create(int count, Shape? size = null)
    {
        size ??= Size;
        var pixels = new byte[count * size.Length];
        Random random = new(1);
        random.NextBytes(pixels);
        return Dataset.OfImages(size, [.. Enumerable.Range(0, count).Select(static i => (sbyte)(i % 2 == 0 ? 1 : -1))], pixels);
    }

    /// <summary>A network with first values that takes inputs less the data's channel means.</summary>
    public static Network Network(ComputeDevice device, ModelOptions model, Dataset data)
    {
        NetworkArchitecture architecture = NetworkArchitecture.Create(data.SampleShape, model.LayerList);
        var network = new Network(device, architecture, InputNormalization.From(model.Input, data));
        network.Initialize(1);
        return network;
    }
}
