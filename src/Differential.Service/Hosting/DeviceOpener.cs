using Differential.Core;
using Differential.Kernels.Devices;
using Differential.Service.Observability;
using Microsoft.Extensions.Logging;

namespace Differential.Service.Hosting;

/// <summary>Opens a device of the catalogue.</summary>
internal delegate ComputeDevice OpenDevice(DeviceInfo info, DeviceOptions options);

/// <summary>Finds and opens the devices that jobs name.</summary>
internal sealed class DeviceOpener(DeviceCatalog catalog, AppSettings settings, ServiceMeter meter, OpenDevice open)
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

    /// <summary>Opens a device; the caller owns it. Each kernel compiled is logged.</summary>
    public ComputeDevice Open(DeviceInfo device, ILogger logger) => open(device, new DeviceOptions
    {
        Threads = settings.Threads,
        MemoryLimit = settings.Limits.MaxDeviceMemoryBytes,
        KernelCompiled = (where, kernel, duration) =>
        {
            logger.LogInformation("Compiled kernel {Kernel} for {Device} in {Milliseconds:0.0} ms", kernel, where, duration.TotalMilliseconds);
            meter.KernelCompiled(where, duration);
        },
    });
}
