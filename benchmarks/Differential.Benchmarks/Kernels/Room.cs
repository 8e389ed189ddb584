using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Kernels;

/// <summary>Tensors of a benchmark, and what it owns.</summary>
internal sealed class Room(ComputeDevice device)
{
    private readonly List<IDisposable> _owned = [];

    public IReadOnlyList<IDisposable> Owned => _owned;

    public T Own<T>(T resource)
        where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }

    /// <summary>Random values in [0, 1).</summary>
    public Tensor<float> Filled(int length)
    {
        Random random = new(length);
        var values = new float[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = random.NextSingle();
        }

        return Own(device.Allocate(new Shape(length), values));
    }

    /// <summary>The values themselves.</summary>
    public Tensor<float> Of(params float[] values) => Own(device.Allocate(new Shape(values.Length), values));

    public Tensor<float> Zero(int length) => Own(device.Allocate(new Shape(length)));
}
