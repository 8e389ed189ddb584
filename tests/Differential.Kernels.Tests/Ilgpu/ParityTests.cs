using Differential.Kernels.Devices;
using Xunit.Abstractions;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>Every operation on every ILGPU device against the SIMD device, and against itself.</summary>
[Collection(IlgpuDevices.Collection)]
public class ParityTests(IlgpuDevices devices, ITestOutputHelper output)
{
    /// <summary>Sums of up to some hundred products of numbers below 1, which may cancel.</summary>
    private const double Absolute = 1e-5;

    private const double Relative = 2e-5;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string device in IlgpuDevices.Names)
            {
                foreach (OperationCase operation in OperationCase.All)
                {
                    rows.Add(device, operation.Name);
                }
            }

            return rows;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Operation_OnIlgpuDevice_AsOnSimd(string deviceName, string caseName)
    {
        ComputeDevice device = devices.Open(deviceName);
        OperationCase operation = OperationCase.All.Single(c => c.Name == caseName);
        using var simd = new SimdDevice(threads: 1);
        float[] expected = operation.Run(simd);
        float[] actual = operation.Run(device);
        Assert.Equal(expected.Length, actual.Length);
        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs((double)expected[i] - actual[i]);
            double allowed = Absolute + (Relative * Math.Abs(expected[i]));
            Assert.True(error <= allowed, $"element {i} of {expected.Length} is {actual[i]:G9}; {expected[i]:G9} is expected, to {allowed:G2}");
            worst = Math.Max(worst, error);
        }

        output.WriteLine($"{deviceName}: {caseName}: largest error {worst:G3}");
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Operation_RunTwice_GivesTheSameBits(string deviceName, string caseName)
    {
        ComputeDevice device = devices.Open(deviceName);
        OperationCase operation = OperationCase.All.Single(c => c.Name == caseName);
        int[] first = [.. operation.Run(device).Select(BitConverter.SingleToInt32Bits)];
        int[] second = [.. operation.Run(device).Select(BitConverter.SingleToInt32Bits)];
        Assert.Equal(first, second);
    }
}
