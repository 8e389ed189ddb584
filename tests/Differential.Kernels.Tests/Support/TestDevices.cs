using Differential.Kernels.Devices;

namespace Differential.Kernels.Tests.Support;

/// <summary>
/// The devices of the parity tables. A GPU that this machine lacks is skipped by its name; ILGPU's simulator and the
/// SIMD device are always there, and the latter is run at each of its vector widths.
/// </summary>
public static class TestDevices
{
    public static readonly string[] Names = ["simd", "simd-256", "simd-128", "simd-32", "cuda", "opencl", "ilgpu-cpu"];

    /// <summary>A theory's rows: each device with each of the values.</summary>
    public static TheoryData<string, T> With<T>(params IEnumerable<T> values)
    {
        var rows = new TheoryData<string, T>();
        foreach (T value in values)
        {
            foreach (string name in Names)
            {
                rows.Add(name, value);
            }
        }

        return rows;
    }

    /// <summary>A device of <see cref="Names"/> for one test; without such a GPU the test is skipped. The ILGPU devices are shared, since each compiles its kernels anew.</summary>
    public static DeviceLease Open(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "simd")
        {
            return new DeviceLease(new SimdDevice(threads: 2));
        }

        if (name.StartsWith("simd-", StringComparison.Ordinal))
        {
            int bits = int.Parse(name["simd-".Length..], System.Globalization.CultureInfo.InvariantCulture);
            var device = new SimdDevice(threads: 1, bits);
            bool narrower = device.VectorBits != bits;
            if (narrower)
            {
                device.Dispose();
            }

            Skip.If(narrower, $"{name}: this processor has no vectors of that width");
            return new DeviceLease(device);
        }

        try
        {
            return SharedDevice.Lease(name);
        }
        catch (DeviceNotFoundException exception) when (name != "ilgpu-cpu")
        {
            Skip.If(true, $"{name}: {exception.Message}");
            throw;
        }
    }
}
