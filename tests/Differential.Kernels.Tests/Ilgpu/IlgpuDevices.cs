using Differential.Kernels.Devices;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>The ILGPU devices of this machine, each opened once for all tests, since opening one compiles its kernels anew.</summary>
public sealed class IlgpuDevices : IDisposable
{
    /// <summary>The name of the tests that share the devices; they run one after the other.</summary>
    public const string Collection = "ILGPU devices";

    public static readonly string[] Names = ["ilgpu-cpu", "opencl", "cuda"];

    private readonly Dictionary<string, ComputeDevice> _open = [];

    /// <summary>Opens a device of <see cref="Names"/>; without such a GPU the test is skipped by its name.</summary>
    public ComputeDevice Open(string name)
    {
        if (!_open.TryGetValue(name, out ComputeDevice? device))
        {
            try
            {
                device = DeviceCatalog.Open(DeviceCatalog.Discover().Find(name));
            }
            catch (DeviceNotFoundException exception) when (name != "ilgpu-cpu")
            {
                Skip.If(true, $"{name}: {exception.Message}");
                throw;
            }

            _open.Add(name, device);
        }

        return device;
    }

    public void Dispose()
    {
        foreach (ComputeDevice device in _open.Values)
        {
            device.Dispose();
        }
    }
}

[CollectionDefinition(IlgpuDevices.Collection)]
public sealed class IlgpuCollection : ICollectionFixture<IlgpuDevices>;
