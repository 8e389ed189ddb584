using Differential.Kernels.Gpu;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Differential.Kernels.Devices;

/// <summary>The devices that ILGPU finds, and why it finds no more.</summary>
internal static class IlgpuCatalog
{
    /// <summary>Adds the devices that there are, and why others are missing.</summary>
    public static void Discover(List<DeviceInfo> available, List<MissingDevice> missing)
    {
        IlgpuDevices devices = IlgpuContext.Devices;
        int before = missing.Count;
        missing.AddRange(devices.Refused.Select(d => new MissingDevice(d.Id, d.Reason)));
        available.AddRange(Describe(devices).Select(d => d.Info));
        AddReason(available, missing, before, DeviceKind.Cuda, "cuda", "the NVIDIA driver");
        AddReason(available, missing, before, DeviceKind.OpenCl, "opencl", "an OpenCL loader");
    }

    /// <exception cref="DeviceNotFoundException">ILGPU finds no such device.</exception>
    public static IlgpuDevice Open(DeviceInfo info, DeviceOptions options)
    {
        IlgpuDevices devices = IlgpuContext.Devices;
        Device? found = Describe(devices).Where(d => d.Info.Id == info.Id).Select(d => d.Device).FirstOrDefault();
        return found is null
            ? throw new DeviceNotFoundException($"device '{info.Id}' is no longer there")
            : IlgpuDevice.Open(info, devices.Context, found, options);
    }

    /// <summary>What a CUDA architecture's matrix products can round to (<see cref="MatrixInstruction"/>).</summary>
    internal static IReadOnlyList<MatrixPrecision> Precisions(CudaArchitecture? architecture) => architecture switch
    {
        { } a when a >= CudaArchitecture.SM_80 => [MatrixPrecision.Float32, MatrixPrecision.Tf32, MatrixPrecision.Fp16],
        { } a when a >= CudaArchitecture.SM_75 => [MatrixPrecision.Float32, MatrixPrecision.Fp16],
        _ => [MatrixPrecision.Float32],
    };

    private static IEnumerable<(DeviceInfo Info, Device Device)> Describe(IlgpuDevices devices)
    {
        int cuda = 0;
        int openCl = 0;
        foreach (Device device in devices.Accepted)
        {
            string name = device.Name?.Trim() ?? "unnamed device";
            yield return device switch
            {
                CudaDevice gpu => (new DeviceInfo(
                    DeviceKind.Cuda,
                    $"cuda:{cuda++}",
                    name,
                    gpu.MemorySize,
                    $"compute capability {gpu.Architecture?.Major}.{gpu.Architecture?.Minor}, {gpu.NumMultiprocessors} multiprocessors, driver for CUDA {gpu.DriverVersion.Major}.{gpu.DriverVersion.Minor}") { IsGpu = true, Precisions = Precisions(gpu.Architecture) }, device),
                CLDevice cl => (new DeviceInfo(
                    DeviceKind.OpenCl,
                    $"opencl:{openCl++}",
                    name,
                    cl.MemorySize,
                    $"{cl.PlatformName.Trim()}, OpenCL C {cl.CLStdVersion}, {cl.NumMultiprocessors} compute units") { IsGpu = cl.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU) }, device),
                _ => (new DeviceInfo(
                    DeviceKind.IlgpuCpu,
                    "ilgpu-cpu",
                    "ILGPU CPU accelerator",
                    0,
                    "a simulator of GPU threads, for checks of correctness on small inputs"), device),
            };
        }
    }

    private static void AddReason(List<DeviceInfo> available, List<MissingDevice> missing, int before, DeviceKind kind, string id, string library)
    {
        if (available.Any(d => d.Kind == kind) || missing.Skip(before).Any(m => m.Id == id))
        {
            return;
        }

        string file = kind == DeviceKind.Cuda ? "cuda" : "OpenCL";
        missing.Add(new MissingDevice(id, IlgpuContext.TryLoadDriver(file, out _)
            ? $"lib{file} is there but reports no device"
            : $"{library} (lib{file}.so or lib{file}.so.1) is not installed"));
    }
}
