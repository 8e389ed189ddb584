using System.Reflection;
using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>
/// What decides the bits of a training beside the job itself: the program's version, and of the device what its sums depend on. A training
/// that goes on under another origin ends well, and with other bits than it would have had.
/// </summary>
/// <param name="Program">The program's version, with its commit where the build knew it.</param>
/// <param name="Device">The GPU's name; <c>simd</c> and <c>ilgpu-cpu</c> for these, whatever the processor is called.</param>
/// <param name="VectorBits">Width of the SIMD device's vectors: the order of its sums depends on it. 0 for other devices.</param>
public sealed record TrainingOrigin(string Program, string Device, int VectorBits)
{
    /// <summary>The version of this program.</summary>
    public static string CurrentProgram { get; } =
        typeof(TrainingOrigin).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The origin of what this program computes on a device.</summary>
    public static TrainingOrigin Of(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new TrainingOrigin(CurrentProgram, device.Kind is DeviceKind.Cuda or DeviceKind.OpenCl ? device.Name : device.Id, device.VectorBits);
    }

    /// <summary>For people: <c>version 0.1.0 on simd with 512-bit vectors</c>.</summary>
    public override string ToString() => $"version {Program} on {Device}{(VectorBits > 0 ? $" with {VectorBits}-bit vectors" : string.Empty)}";
}
