using System.Text.Json;
using Differential.Core;
using Differential.Kernels.Devices;
using Differential.Service.Observability;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Runs;

/// <summary>Opens a device of the catalogue.</summary>
internal delegate ComputeDevice OpenDevice(DeviceInfo info, DeviceOptions options);

/// <summary>How devices are opened.</summary>
/// <param name="Threads">Of the SIMD device; 0 takes one per core.</param>
/// <param name="Graphs">Whether CUDA devices record the work of steps as graphs.</param>
/// <param name="MemoryLimit">Most memory of a job on its device, in bytes; 0 takes what is free.</param>
internal sealed record DeviceSettings(int Threads, bool Graphs, long MemoryLimit);

/// <summary>Finds and opens the devices that jobs name.</summary>
internal sealed class DeviceOpener(DeviceCatalog catalog, DeviceSettings settings, ServiceMeter meter, OpenDevice open)
{
    /// <summary>The device of a name.</summary>
    /// <param name="name">auto, simd, cuda, cuda:1, opencl, opencl:0 or ilgpu-cpu.</param>
    /// <param name="file">The job file, "arguments" or "configuration", for the message.</param>
    /// <param name="place">The field of the job file, or the option.</param>
    /// <exception cref="InputException">There is no such device; never another one in its place.</exception>
    public DeviceInfo Find(string name, string file, string place)
    {
        try
        {
            return catalog.Find(name);
        }
        catch (DeviceNotFoundException exception)
        {
            int end = exception.Message.LastIndexOf("; ", StringComparison.Ordinal);
            throw end < 0
                ? new InputException(file, place, exception.Message, "allowed: auto")
                : new InputException(file, place, exception.Message[..end], exception.Message[(end + 2)..]);
        }
    }

    /// <summary>Makes sure that a device can multiply as a job asks.</summary>
    /// <exception cref="InputException">It can't; never another precision in its place.</exception>
    public static void CheckPrecision(DeviceInfo device, MatrixPrecision precision, string file)
    {
        if (!device.Precisions.Contains(precision))
        {
            throw new InputException(
                file,
                "$.precision",
                $"\"{NameOf(precision)}\", which the device {device.Id} ({device.Name}) can't do",
                $"{string.Join(", ", device.Precisions.Select(NameOf))} on this device; tf32 needs a CUDA device of compute capability 8.0 or newer, fp16 of 7.5");
        }
    }

    /// <summary>A precision as job files name it.</summary>
    public static string NameOf(MatrixPrecision precision) => JsonNamingPolicy.CamelCase.ConvertName(precision.ToString());

    /// <summary>Opens a device; the caller owns it. Each kernel compiled is logged, and what the driver refuses to record.</summary>
    public ComputeDevice Open(DeviceInfo device, MatrixPrecision precision, ConvolutionMethod convolution, ILogger logger) => open(device, new DeviceOptions
    {
        Threads = settings.Threads,
        MemoryLimit = settings.MemoryLimit,
        Precision = precision,
        Convolution = convolution,
        Graphs = settings.Graphs,
        GraphsRefused = (where, reason) => logger.LogWarning("{Device} records no graphs ({Reason}); steps are queued kernel by kernel", where, reason),
        KernelCompiled = (where, kernel, duration) =>
        {
            logger.LogInformation("Compiled kernel {Kernel} for {Device} in {Milliseconds:0.0} ms", kernel, where, duration.TotalMilliseconds);
            meter.KernelCompiled(where, duration);
        },
    });
}
