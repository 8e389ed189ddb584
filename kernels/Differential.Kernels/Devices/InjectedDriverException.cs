using ILGPU.Runtime;

namespace Differential.Kernels.Devices;

/// <summary>An error that <see cref="DeviceOptions.DriverFault"/> asked for; it goes the way of the driver's own.</summary>
internal sealed class InjectedDriverException(string error) : AcceleratorException(error)
{
    /// <summary>The error that stands for an allocation without room.</summary>
    public const string OutOfMemory = "out of memory";

    public override AcceleratorType AcceleratorType => AcceleratorType.CPU;
}
