using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.IR;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Differential.Kernels.Gpu;

/// <summary>
/// The process's one ILGPU context, made at first use and kept until the process ends: it holds compiled code and the
/// list of devices, no device memory. Accelerators belong to the devices that open them.
/// </summary>
internal static class IlgpuContext
{
    private static readonly Lazy<IlgpuDevices> Shared = new(Look);

    public static IlgpuDevices Devices => Shared.Value;

    /// <summary>A driver library by its plain name, then by the versioned one, which is all that many systems have.</summary>
    public static bool TryLoadDriver(string name, out nint handle)
    {
        foreach (string file in Candidates(name))
        {
            if (NativeLibrary.TryLoad(file, out handle))
            {
                return true;
            }
        }

        handle = 0;
        return false;
    }

    /// <summary>A context that compiles this project's kernels.</summary>
    internal static Context Create(Action<Context.Builder> devices) => Context.Create(builder =>
    {
        devices(builder);
        builder.EnableAlgorithms();
        GroupMemory.Register(builder.GetIntrinsicManager());
        MatrixInstruction.Register(builder.GetIntrinsicManager());
    });

    private static IlgpuDevices Look()
    {
        // ILGPU asks the loader for 'cuda' and 'OpenCL' without a version suffix.
        NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, (name, _, _) => name is "cuda" or "OpenCL" && TryLoadDriver(name, out nint handle) ? handle : 0);
        List<(string Id, string Reason)> refused = [];
        Context context = Create(builder => builder
            .CPU(CPUDevice.Default)
            .Cuda(device => Accept(device, refused))
            .OpenCL(device => Accept(device, refused)));
        return new IlgpuDevices(context, [.. context], refused);
    }

    private static bool Accept(CudaDevice device, List<(string Id, string Reason)> refused)
    {
        if (device is { Architecture: not null, InstructionSet: not null })
        {
            return true;
        }

        refused.Add(("cuda", $"{device.Name}: its architecture or its driver ({device.DriverVersion}) is too old for ILGPU"));
        return false;
    }

    private static bool Accept(CLDevice device, List<(string Id, string Reason)> refused)
    {
        string name = $"{device.Name?.Trim()} ({device.PlatformName.Trim()}, {device.DeviceVersion})";
        if (device.CLStdVersion < CLBackend.MinimumVersion)
        {
            refused.Add(("opencl", $"{name}: OpenCL C {device.CLStdVersion} is older than {CLBackend.MinimumVersion}, which ILGPU needs"));
            return false;
        }

        if (!device.Capabilities.GenericAddressSpace)
        {
            refused.Add(("opencl", $"{name}: no generic address space, which ILGPU needs"));
            return false;
        }

        return true;
    }

    private static string[] Candidates(string name)
    {
        if (OperatingSystem.IsWindows())
        {
            return [name == "cuda" ? "nvcuda.dll" : "OpenCL.dll"];
        }

        return OperatingSystem.IsMacOS()
            ? ["/System/Library/Frameworks/OpenCL.framework/OpenCL"]
            : [$"lib{name}.so", $"lib{name}.so.1"];
    }
}

/// <summary>The context, the devices that ILGPU takes, and the kinds of those that it refuses.</summary>
internal sealed record IlgpuDevices(Context Context, IReadOnlyList<Device> Accepted, IReadOnlyList<(string Id, string Reason)> Refused);
