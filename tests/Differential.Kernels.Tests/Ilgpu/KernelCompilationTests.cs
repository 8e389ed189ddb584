using System.Reflection;
using Differential.Kernels.Devices;
using Differential.Kernels.Gemm;
using Differential.Kernels.Gpu;
using ILGPU;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>
/// Every kernel's PTX and OpenCL source, made without a device, so that a construct that only one back end refuses is
/// found on a machine without a GPU.
/// </summary>
[Collection(IlgpuDevices.Collection)]
public class KernelCompilationTests(IlgpuDevices devices)
{
    [Fact]
    public void Kernels_ThatOperationsStart_AreInTheTable()
    {
        var device = (IlgpuDevice)devices.Open("ilgpu-cpu");
        foreach (OperationCase operation in OperationCase.All)
        {
            operation.Run(device);
        }

        using Tensor<int> numbers = device.Allocate<int>(new Shape(3));
        numbers.Fill(1);
        string[] missing = [.. device.Kernels.Where(k => k.Module.Assembly == typeof(Operation).Assembly).Except(KernelTable.All).Select(KernelTable.NameOf)];
        Assert.True(missing.Length == 0, $"not in the table: {string.Join(", ", missing)}");
        HashSet<MethodInfo> started = [.. device.Kernels.Select(k => k.IsGenericMethod ? k.GetGenericMethodDefinition() : k)];
        string[] idle = [.. KernelTable.Definitions().Where(k => !started.Contains(k) && k.DeclaringType != typeof(MatrixKernel) && k.DeclaringType != typeof(MagnitudeKernels)).Select(KernelTable.NameOf)];
        Assert.True(idle.Length == 0, $"no case runs {string.Join(", ", idle)}");
    }

    [Theory]
    [InlineData("sm_90")]
    [InlineData("sm_75")]
    [InlineData("opencl")]
    public void Kernels_EachBackEnd_AreTranslated(string target)
    {
        List<string> failures = [];
        Context context = IlgpuContext.Create(builder => builder.CPU());
        foreach (MethodInfo kernel in KernelTable.For(target))
        {
            try
            {
                string text = target == "opencl" ? KernelTable.OpenCl(context, kernel) : KernelTable.Ptx(context, target == "sm_90" ? CudaArchitecture.SM_90 : CudaArchitecture.SM_75, kernel);
                if (kernel.DeclaringType == typeof(MatrixKernel) && !text.Contains("mma.sync.aligned", StringComparison.Ordinal))
                {
                    failures.Add($"{KernelTable.NameOf(kernel)} has no matrix instruction");
                }

                failures.AddRange(Defects(text, target == "opencl").Select(d => $"{KernelTable.NameOf(kernel)} {d}"));
            }
            catch (Exception exception) when (exception is InternalCompilerException or NotSupportedException or InvalidOperationException)
            {
                failures.Add($"{KernelTable.NameOf(kernel)}: {exception.Message} {exception.InnerException?.Message}");

                // A context in which a kernel failed spoils those after it.
                context.Dispose();
                context = IlgpuContext.Create(builder => builder.CPU());
            }
        }

        context.Dispose();
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    private static IEnumerable<string> Defects(string text, bool openCl)
    {
        if (text.Contains("atom.", StringComparison.Ordinal) || text.Contains("atomic_", StringComparison.Ordinal))
        {
            yield return "uses atomics, whose order is not fixed";
        }

        if (openCl && text.Contains("work_group_barrier", StringComparison.Ordinal) && !text.Contains("CLK_LOCAL_MEM_FENCE", StringComparison.Ordinal))
        {
            yield return "has a barrier that does not order shared memory";
        }

        if (!openCl && text.Contains("\tcall", StringComparison.Ordinal))
        {
            yield return "calls a function";
        }

        if (text.Contains(".local ", StringComparison.Ordinal))
        {
            yield return "keeps values in local memory";
        }
    }
}
