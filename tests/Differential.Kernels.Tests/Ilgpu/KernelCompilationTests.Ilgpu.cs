using System.Reflection;
using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Gemm;
using Differential.Kernels.Tensors;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>
/// Every kernel's PTX and OpenCL source, made without a device, so that a construct that only one back end refuses is
/// found on a machine without a GPU.
/// </summary>
[Collection(IlgpuDevices.Collection)]
public class KernelCompilationTests(IlgpuDevices devices)
{
    [Fact]
    public void Kernels_AllOfTheAssembly_AreInTheTable()
    {
        HashSet<MethodInfo> known = [.. Kernels().Select(k => k.IsGenericMethod ? k.GetGenericMethodDefinition() : k)];
        MethodInfo[] missing = [.. typeof(Operation).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(m => !m.IsPrivate && m.ReturnType == typeof(void) && m.GetParameters() is [{ ParameterType: { IsByRef: false, IsValueType: true } type }] && type.Name.Contains("Arguments", StringComparison.Ordinal))
            .Where(m => !known.Contains(m))];
        Assert.True(missing.Length == 0, $"no case runs {string.Join(", ", missing.Select(m => $"{m.DeclaringType?.Name}.{m.Name}"))}");
    }

    [Theory]
    [InlineData("sm_90")]
    [InlineData("sm_75")]
    [InlineData("opencl")]
    public void Kernels_EachBackEnd_AreTranslated(string target)
    {
        List<string> failures = [];
        int translated = 0;
        Context context = IlgpuContext.Create(builder => builder.CPU());
        foreach (MethodInfo kernel in Kernels())
        {
            try
            {
                string text = Translate(context, target, kernel);
                translated++;
                if (text.Contains("atom.", StringComparison.Ordinal) || text.Contains("atomic_", StringComparison.Ordinal))
                {
                    failures.Add($"{kernel.DeclaringType?.Name}.{kernel.Name} uses atomics, whose order is not fixed");
                }

                if (target == "opencl" && text.Contains("work_group_barrier", StringComparison.Ordinal) && !text.Contains("CLK_LOCAL_MEM_FENCE", StringComparison.Ordinal))
                {
                    failures.Add($"{kernel.DeclaringType?.Name}.{kernel.Name} has a barrier that does not order shared memory");
                }

                if (text.Contains(".local ", StringComparison.Ordinal))
                {
                    failures.Add($"{kernel.DeclaringType?.Name}.{kernel.Name} keeps values in local memory");
                }
            }
            catch (Exception exception) when (exception is InternalCompilerException or NotSupportedException or InvalidOperationException)
            {
                failures.Add($"{kernel.DeclaringType?.Name}.{kernel.Name}: {exception.Message} {exception.InnerException?.Message}");

                // A context in which a kernel failed spoils those after it.
                context.Dispose();
                context = IlgpuContext.Create(builder => builder.CPU());
            }
        }

        context.Dispose();

        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
        Assert.True(translated > 40, $"only {translated} kernels were translated");
    }

    private static string Translate(Context context, string target, MethodInfo kernel)
    {
        var entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
        if (target == "opencl")
        {
            var capabilities = new CLCapabilityContext(float16: false, float64: false, genericAddressSpace: true, int64_Atomics: false, subGroups: false);
            using var backEnd = new CLBackend(context, capabilities, CLDeviceVendor.Other, CLCVersion.CL20);
            return ((CLCompiledKernel)backEnd.Compile(entry, default)).Source;
        }

        CudaArchitecture architecture = target == "sm_90" ? CudaArchitecture.SM_90 : CudaArchitecture.SM_75;
        using var ptx = new PTXBackend(context, architecture, CudaInstructionSet.ISA_80, null!);
        return ((PTXCompiledKernel)ptx.Compile(entry, default)).PTXAssembly;
    }

    /// <summary>The kernels that the table of operations starts, with the tiles of every device class.</summary>
    private HashSet<MethodInfo> Kernels()
    {
        var device = (IlgpuDevice)devices.Open("ilgpu-cpu");
        foreach (OperationCase operation in OperationCase.All)
        {
            operation.Run(device);
        }

        device.Allocate<int>(new Shape(3)).Fill(1);
        device.Load<Conv2dPlainArguments>(Conv2dPlainKernels.Forward);
        device.Load<Conv2dPlainArguments>(Conv2dPlainKernels.BackwardInput);
        device.Load<Conv2dPlainArguments>(Conv2dPlainKernels.BackwardWeight);
        return [.. device.Kernels.SelectMany(Tiles)];
    }

    private static IEnumerable<MethodInfo> Tiles(MethodInfo kernel)
    {
        yield return kernel;
        if (kernel.IsGenericMethod && kernel.GetGenericArguments() is var types && types[0] == typeof(SimulatorTile))
        {
            yield return kernel.GetGenericMethodDefinition().MakeGenericMethod([typeof(WideTile), .. types[1..]]);
            yield return kernel.GetGenericMethodDefinition().MakeGenericMethod([typeof(NarrowTile), .. types[1..]]);
        }
    }
}
