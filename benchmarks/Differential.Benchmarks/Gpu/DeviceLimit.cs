using Differential.Benchmarks.Kernels;
using Differential.Kernels.Devices;
using ILGPU;

namespace Differential.Benchmarks.Gpu;

/// <summary>What a device can do at most: fused multiply-adds on values in registers, measured.</summary>
internal static class DeviceLimit
{
    private const int Chains = 8;

    /// <summary>10⁹ floating-point operations a second in float32.</summary>
    public static double GigaFlops(ComputeDevice device, int threads)
    {
        if (device is not IlgpuDevice ilgpu)
        {
            return MachineLimit.GigaFlops(threads);
        }

        // Every place for a thread taken several times; the simulator does a few instructions in a microsecond.
        int groups = ilgpu.IsSimulator ? 4 : 16 * ilgpu.Accelerator.NumMultiprocessors;
        int iterations = ilgpu.IsSimulator ? 16 : 4_096;
        using Tensor<float> result = device.Allocate(new Shape(groups * ilgpu.GroupSize));
        IlgpuKernel<ChainArguments> kernel = ilgpu.Load<ChainArguments>(ChainKernel.Run);
        (double fastest, _) = QuickRun.Measure(device, () => kernel.LaunchElements(result.Length, new ChainArguments { Result = IlgpuDevice.View(result), Iterations = iterations }));
        return 2.0 * Chains * iterations * result.Length / fastest / 1e9;
    }
}

/// <summary>Where the chains' ends go, so that no compiler leaves them out, and how long they are.</summary>
internal struct ChainArguments
{
    public ArrayView<float> Result;
    public int Iterations;
}

/// <summary>Eight independent chains of multiply-adds a thread.</summary>
internal static class ChainKernel
{
    public static void Run(ChainArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        float x = 1.0000001f, y = 1e-9f + (i * 1e-15f);
        float a = x, b = x + 1, c = x + 2, d = x + 3, e = x + 4, f = x + 5, g = x + 6, h = x + 7;
        for (int step = 0; step < arguments.Iterations; step++)
        {
            a = (a * x) + y;
            b = (b * x) + y;
            c = (c * x) + y;
            d = (d * x) + y;
            e = (e * x) + y;
            f = (f * x) + y;
            g = (g * x) + y;
            h = (h * x) + y;
        }

        if (i < arguments.Result.IntLength)
        {
            arguments.Result[i] = a + b + c + d + e + f + g + h;
        }
    }
}
