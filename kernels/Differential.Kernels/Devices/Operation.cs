namespace Differential.Kernels.Devices;

/// <summary>
/// An operation planned on one device: it owns its workspaces, and its calls allocate nothing. The base class of
/// each operation holds the contract and the checks; <c>Name.Simd.cs</c> and <c>Name.Ilgpu.cs</c> hold the kernels.
/// </summary>
public abstract class Operation(ComputeDevice device) : IDisposable
{
    public ComputeDevice Device { get; } = device;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>The error of an operation that has no kernel for a device.</summary>
    protected static NotSupportedException NoKernel(ComputeDevice device, string operation)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new NotSupportedException($"{operation} has no kernel for {device.Info.Id}");
    }

    /// <summary>Checks that a tensor lies on this device and holds at least <paramref name="length"/> elements.</summary>
    protected void Check<T>(Tensor<T> tensor, long length, string name)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (!ReferenceEquals(tensor.Device, Device))
        {
            throw new ArgumentException($"{name} lies on another device", name);
        }

        if (tensor.Length < length)
        {
            throw new ArgumentException($"{name} has {tensor.Length} elements; {length} are needed", name);
        }
    }
}
