namespace Differential.Kernels.Devices;

/// <summary>Every device that this machine offers, and why others are missing.</summary>
public sealed class DeviceCatalog
{
    private DeviceCatalog(IReadOnlyList<DeviceInfo> available, IReadOnlyList<MissingDevice> missing)
    {
        Available = available;
        Missing = missing;
    }

    public IReadOnlyList<DeviceInfo> Available { get; }

    public IReadOnlyList<MissingDevice> Missing { get; }

    /// <summary>What <c>auto</c> takes: CUDA, then an OpenCL GPU, then the SIMD device.</summary>
    public DeviceInfo Auto =>
        Available.FirstOrDefault(d => d.Kind == DeviceKind.Cuda)
        ?? Available.FirstOrDefault(d => d is { Kind: DeviceKind.OpenCl, IsGpu: true })
        ?? Available.First(d => d.Kind == DeviceKind.Simd);

    /// <summary>Looks at the machine.</summary>
    public static DeviceCatalog Discover()
    {
        List<DeviceInfo> available = [SimdDevice.Describe(threads: 0)];
        List<MissingDevice> missing = [];
        IlgpuCatalog.Discover(available, missing);
        return new DeviceCatalog(available, missing);
    }

    /// <summary>Finds the device of a name: <c>auto</c>, <c>simd</c>, <c>cuda</c>, <c>cuda:1</c>, <c>opencl</c>, <c>opencl:0</c>, <c>ilgpu-cpu</c>.</summary>
    /// <exception cref="DeviceNotFoundException">There is none; never a silent fallback.</exception>
    public DeviceInfo Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "auto")
        {
            return Auto;
        }

        DeviceInfo? found = Available.FirstOrDefault(d => d.Id == name)
            ?? Available.FirstOrDefault(d => d.Id == name + ":0")
            ?? (name == "opencl" ? Available.FirstOrDefault(d => d.Kind == DeviceKind.OpenCl) : null);
        if (found is not null)
        {
            return found;
        }

        string kind = name.Split(':')[0];
        MissingDevice? reason = Missing.FirstOrDefault(m => m.Id == name) ?? Missing.FirstOrDefault(m => m.Id.Split(':')[0] == kind);
        throw new DeviceNotFoundException(
            $"device '{name}' is not available{(reason is null ? string.Empty : $" ({reason.Reason})")}; "
            + $"available: auto, {string.Join(", ", Available.Select(d => d.Id))}");
    }

    /// <summary>Opens the device of a name, as <see cref="Find"/> takes it; the caller owns it.</summary>
    /// <exception cref="DeviceNotFoundException">The machine has no such device.</exception>
    /// <exception cref="DeviceLostException">The driver fails to open it.</exception>
    /// <exception cref="NotSupportedException">The device lacks the precision that is asked for.</exception>
    public static ComputeDevice Open(string name, DeviceOptions? options = null) => Open(Discover().Find(name), options);

    /// <summary>Opens a device of this catalogue; the caller owns it.</summary>
    /// <exception cref="DeviceNotFoundException">The machine has no such device.</exception>
    /// <exception cref="DeviceLostException">The driver fails to open it.</exception>
    /// <exception cref="NotSupportedException">The device lacks the precision that is asked for.</exception>
    public static ComputeDevice Open(DeviceInfo info, DeviceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(info);
        options ??= new DeviceOptions();
        if (!info.Precisions.Contains(options.Precision))
        {
            throw new NotSupportedException($"device '{info.Id}' has no matrix products in {options.Precision}");
        }

        return info.Kind == DeviceKind.Simd ? new SimdDevice(options.Threads, maxVectorBits: 512, options.MemoryLimit, options.Convolution) : IlgpuCatalog.Open(info, options);
    }
}
