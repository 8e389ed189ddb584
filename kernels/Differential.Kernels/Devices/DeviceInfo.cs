namespace Differential.Kernels.Devices;

/// <summary>The kinds of device a job can name.</summary>
public enum DeviceKind
{
    /// <summary>The managed device: vector instructions of the CPU, all cores.</summary>
    Simd,

    /// <summary>An NVIDIA GPU, through ILGPU's PTX back end.</summary>
    Cuda,

    /// <summary>An OpenCL device, through ILGPU's OpenCL back end.</summary>
    OpenCl,

    /// <summary>ILGPU's CPU accelerator: a simulator for correctness only.</summary>
    IlgpuCpu,
}

/// <summary>What is known of a device without opening it.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Id">What a job names: <c>simd</c>, <c>cuda:0</c>, <c>opencl:1</c>, <c>ilgpu-cpu</c>.</param>
/// <param name="Name">The maker's name for it, e.g. the CPU or GPU model.</param>
/// <param name="MemoryBytes">Size of its memory, 0 where unknown.</param>
/// <param name="Details">One line: vector width and threads, or compute capability and driver.</param>
public sealed record DeviceInfo(DeviceKind Kind, string Id, string Name, long MemoryBytes, string Details)
{
    /// <summary>True for an OpenCL or CUDA device that is a GPU; <c>auto</c> takes only those before <c>simd</c>.</summary>
    public bool IsGpu { get; init; }

    /// <summary>Width of the SIMD device's vectors, on which the order of its sums depends; 0 for other devices.</summary>
    public int VectorBits { get; init; }

    /// <summary>What its matrix products can round their factors to; float32, which does not, is always there.</summary>
    public IReadOnlyList<MatrixPrecision> Precisions { get; init; } = Float32Only;

    private static readonly MatrixPrecision[] Float32Only = [MatrixPrecision.Float32];
}

/// <summary>A device kind that this machine does not offer, and why.</summary>
/// <param name="Id">The name a job would use, e.g. <c>cuda</c> or <c>opencl:0</c>.</param>
/// <param name="Reason">One sentence for the user.</param>
public sealed record MissingDevice(string Id, string Reason);

/// <summary>How devices are opened.</summary>
public sealed record DeviceOptions
{
    /// <summary>Threads of the SIMD device; 0 takes one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Most bytes that may be allocated on the device; 0 takes what there is.</summary>
    public long MemoryLimit { get; init; }

    /// <summary>
    /// Asked before each call of the driver, by what the call does (<c>allocating</c>, <c>copying to the device</c>, <c>copying from the
    /// device</c>, a kernel's name, …): a text makes the call fail as the driver fails it, with that error. For tests of devices that are
    /// lost; the SIMD device has no driver.
    /// </summary>
    public Func<string, string?>? DriverFault { get; init; }

    /// <summary>What matrix products round their factors to: one of the device's <see cref="DeviceInfo.Precisions"/>.</summary>
    public MatrixPrecision Precision { get; init; }

    /// <summary>How the convolutions of training steps are computed on the SIMD device; other devices know the direct way only.</summary>
    public ConvolutionMethod Convolution { get; init; }

    /// <summary>Whether repeated work (<see cref="DeviceGraph"/>) is recorded as a CUDA graph; on ILGPU's simulator, whether it is checked to be the same each time.</summary>
    public bool Graphs { get; init; } = true;

    /// <summary>Told once if the driver does not record: device, reason. Work is then queued plainly.</summary>
    public Action<string, string>? GraphsRefused { get; init; }

    /// <summary>Told of each kernel compiled: device, kernel, duration.</summary>
    public Action<string, string, TimeSpan>? KernelCompiled { get; init; }
}
