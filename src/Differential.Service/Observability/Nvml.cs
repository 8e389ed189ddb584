using System.Runtime.InteropServices;
using System.Text;

namespace Differential.Service.Observability;

/// <summary>What a GPU does at this moment, as its driver says.</summary>
/// <param name="Index">As the driver counts, from 0.</param>
/// <param name="Name">Its name.</param>
/// <param name="Utilization">Share of the latest moments in which a kernel ran, in [0, 1].</param>
/// <param name="MemoryUsedBytes">Memory that all processes hold together.</param>
/// <param name="MemoryTotalBytes">Its memory.</param>
/// <param name="PowerWatts">What it draws; null where it does not tell.</param>
/// <param name="EnergyJoules">What it has used since the driver was loaded; null where it does not tell (before Volta).</param>
internal sealed record GpuReading(int Index, string Name, double? Utilization, long? MemoryUsedBytes, long? MemoryTotalBytes, double? PowerWatts, double? EnergyJoules);

/// <summary>NVIDIA's management library, which comes with the driver. Safe to share between threads.</summary>
internal sealed unsafe class Nvml : IDisposable
{
    private const int Success = 0;
    private const int NameBytes = 96;
    private const double Milli = 1e-3;

    private readonly nint _library;
    private readonly delegate* unmanaged<int> _shutdown;
    private readonly delegate* unmanaged<uint*, int> _count;
    private readonly delegate* unmanaged<uint, nint*, int> _handle;
    private readonly delegate* unmanaged<nint, byte*, uint, int> _name;
    private readonly delegate* unmanaged<nint, Utilization*, int> _utilization;
    private readonly delegate* unmanaged<nint, Memory*, int> _memory;
    private readonly delegate* unmanaged<nint, uint*, int> _power;
    private readonly delegate* unmanaged<nint, ulong*, int> _energy;

    private Nvml(nint library)
    {
        _library = library;
        _shutdown = (delegate* unmanaged<int>)Export("nvmlShutdown");
        _count = (delegate* unmanaged<uint*, int>)Export("nvmlDeviceGetCount_v2");
        _handle = (delegate* unmanaged<uint, nint*, int>)Export("nvmlDeviceGetHandleByIndex_v2");
        _name = (delegate* unmanaged<nint, byte*, uint, int>)Export("nvmlDeviceGetName");
        _utilization = (delegate* unmanaged<nint, Utilization*, int>)Export("nvmlDeviceGetUtilizationRates");
        _memory = (delegate* unmanaged<nint, Memory*, int>)Export("nvmlDeviceGetMemoryInfo");
        _power = (delegate* unmanaged<nint, uint*, int>)Export("nvmlDeviceGetPowerUsage");
        _energy = (delegate* unmanaged<nint, ulong*, int>)Export("nvmlDeviceGetTotalEnergyConsumption");
    }

    /// <summary>nvmlUtilization_t, in per cent.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Utilization
    {
        public uint Gpu;
        public uint Memory;
    }

    /// <summary>nvmlMemory_t, in bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Memory
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }

    /// <summary>Opens the library; null on a machine without the driver.</summary>
    /// <param name="file">The library; the driver's own name of it by default.</param>
    public static Nvml? Open(string? file = null)
    {
        if (!NativeLibrary.TryLoad(file ?? (OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1"), out nint library))
        {
            return null;
        }

        if (NativeLibrary.TryGetExport(library, "nvmlInit_v2", out nint start) && ((delegate* unmanaged<int>)start)() == Success)
        {
            return new Nvml(library);
        }

        NativeLibrary.Free(library);
        return null;
    }

    /// <summary>Every GPU that the driver shows to this process.</summary>
    public IReadOnlyList<GpuReading> Read()
    {
        uint count = 0;
        if (_count is null || _handle is null || _count(&count) != Success)
        {
            return [];
        }

        var readings = new List<GpuReading>((int)count);
        for (uint i = 0; i < count; i++)
        {
            nint device;
            if (_handle(i, &device) == Success)
            {
                readings.Add(Read((int)i, device));
            }
        }

        return readings;
    }

    public void Dispose()
    {
        if (_shutdown is not null)
        {
            _shutdown();
        }

        NativeLibrary.Free(_library);
    }

    private GpuReading Read(int index, nint device)
    {
        byte* name = stackalloc byte[NameBytes];
        Utilization utilization = default;
        Memory memory = default;
        uint power = 0;
        ulong energy = 0;
        bool hasName = _name is not null && _name(device, name, NameBytes) == Success;
        bool hasUse = _utilization is not null && _utilization(device, &utilization) == Success;
        bool hasMemory = _memory is not null && _memory(device, &memory) == Success;
        return new GpuReading(
            index,
            hasName ? Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)) : $"GPU {index}",
            hasUse ? utilization.Gpu / 100.0 : null,
            hasMemory ? (long)memory.Used : null,
            hasMemory ? (long)memory.Total : null,
            _power is not null && _power(device, &power) == Success ? power * Milli : null,
            _energy is not null && _energy(device, &energy) == Success ? energy * Milli : null);
    }

    private nint Export(string name) => NativeLibrary.TryGetExport(_library, name, out nint address) ? address : 0;
}

/// <summary>The library where the machine has it: a service that may be missing.</summary>
internal sealed class NvmlLibrary(Nvml? library) : IDisposable
{
    /// <summary>Null on a machine without the driver.</summary>
    public Nvml? Library { get; } = library;

    public void Dispose() => Library?.Dispose();
}
