using System.Reflection;
using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Gemm;
using Differential.Kernels.Gpu;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>Every kernel of the assembly, generic ones with each choice of types that an operation makes, and their translation without a device.</summary>
internal static class KernelTable
{
    /// <summary>The factors of the products, and where each product goes.</summary>
    private static readonly (Type A, Type B, Type Sink)[] Products =
    [
        (typeof(PatchOperand), typeof(ColumnsOperand), typeof(RowsSink)),
        (typeof(GradientPatchOperand), typeof(ColumnsOperand), typeof(RowsSink)),
        (typeof(PatchColumnsOperand), typeof(ColumnsOperand), typeof(WeightSink)),
        (typeof(RowsOperand), typeof(RowsOperand), typeof(RowsSink)),
        (typeof(RowsOperand), typeof(ColumnsOperand), typeof(RowsSink)),
        (typeof(ColumnsOperand), typeof(ColumnsOperand), typeof(WeightSink)),
    ];

    private static readonly Type[] Tiles = [typeof(WideTile), typeof(NarrowTile), typeof(SimulatorTile)];

    private static readonly Type[] MatrixTiles = [typeof(WideTile), typeof(NarrowTile)];

    /// <summary>The same with halves: the gradients in four of them are scaled.</summary>
    private static readonly (Type A, Type B, Type Sink)[] HalfProducts =
    [
        Products[0],
        (typeof(ScaledOperand<GradientPatchOperand>), typeof(ColumnsOperand), typeof(ScaledSink<RowsSink>)),
        (typeof(PatchColumnsOperand), typeof(ScaledOperand<ColumnsOperand>), typeof(ScaledSink<WeightSink>)),
        Products[3],
        (typeof(ScaledOperand<RowsOperand>), typeof(ColumnsOperand), typeof(ScaledSink<RowsSink>)),
        (typeof(ColumnsOperand), typeof(ScaledOperand<ColumnsOperand>), typeof(ScaledSink<WeightSink>)),
    ];

    /// <summary>All kernels.</summary>
    public static IReadOnlyList<MethodInfo> All { get; } = [.. Definitions().SelectMany(Instances)];

    /// <summary>Those that a device of a class can run: an architecture of CUDA or "opencl".</summary>
    public static IEnumerable<MethodInfo> For(string target) => All.Where(kernel => kernel.DeclaringType != typeof(MatrixKernel)
        || (target != "opencl" && (kernel.GetGenericArguments()[1] == typeof(Fp16Format) || target != "sm_75")));

    /// <summary>The static methods that take one structure of arguments.</summary>
    public static IEnumerable<MethodInfo> Definitions() => typeof(Operation).Assembly.GetTypes()
        .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .Where(m => !m.IsPrivate && m.ReturnType == typeof(void) && m.GetParameters() is [{ ParameterType: { IsByRef: false, IsValueType: true } type }] && type.Name.Contains("Arguments", StringComparison.Ordinal));

    /// <summary>Class, method and type arguments.</summary>
    public static string NameOf(MethodInfo kernel) => IlgpuKernel<int>.NameOf(kernel);

    public static string OpenCl(Context context, MethodInfo kernel)
    {
        var capabilities = new CLCapabilityContext(float16: false, float64: false, genericAddressSpace: true, int64_Atomics: false, subGroups: false);
        using var backEnd = new CLBackend(context, capabilities, CLDeviceVendor.Other, CLCVersion.CL20);
        return ((CLCompiledKernel)backEnd.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), default)).Source;
    }

    public static string Ptx(Context context, CudaArchitecture architecture, MethodInfo kernel)
    {
        using var backEnd = new PTXBackend(context, architecture, CudaInstructionSet.ISA_80, null!);
        return ((PTXCompiledKernel)backEnd.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), default)).PTXAssembly;
    }

    private static IEnumerable<MethodInfo> Instances(MethodInfo kernel)
    {
        if (!kernel.IsGenericMethodDefinition)
        {
            return [kernel];
        }

        IEnumerable<Type[]> choices = kernel.DeclaringType?.Name switch
        {
            nameof(GemmKernel) => from product in Products from tile in Tiles from sink in (Type[])[product.Sink, typeof(PartialSink)] select (Type[])[tile, product.A, product.B, sink],
            nameof(MatrixKernel) =>
                (from product in Products from tile in MatrixTiles from sink in (Type[])[product.Sink, typeof(PartialSink)] select (Type[])[tile, typeof(Tf32Format), product.A, product.B, sink]).Concat(
                from product in HalfProducts from tile in MatrixTiles from sink in (Type[])[product.Sink, typeof(PartialSink)] select (Type[])[tile, typeof(Fp16Format), product.A, product.B, sink]),
            nameof(SplitKernel) => [[typeof(RowsSink)], [typeof(WeightSink)], [typeof(ScaledSink<RowsSink>)], [typeof(ScaledSink<WeightSink>)]],
            nameof(FillKernel) => [[typeof(float)], [typeof(int)], [typeof(byte)]],
            _ => throw new InvalidOperationException($"which types does {NameOf(kernel)} take?"),
        };
        return choices.Select(kernel.MakeGenericMethod);
    }
}
