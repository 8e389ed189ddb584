using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.Util;

namespace Differential.Kernels.Gpu;

/// <summary>
/// Synchronisation of a group's shared memory. ILGPU's own barrier orders only global memory on OpenCL, where shared
/// memory is ordered by a flag of its own; here both flags are set.
/// </summary>
internal static class GroupMemory
{
    /// <summary>Waits for the group's threads; what they wrote to shared memory before is seen after.</summary>
    [IntrinsicImplementation]
    public static void Barrier() => Group.Barrier();

    /// <summary>Tells the back ends what to make of <see cref="Barrier"/>.</summary>
    internal static void Register(IntrinsicImplementationManager manager)
    {
        var barrier = typeof(GroupMemory).GetMethod(nameof(Barrier))!;
        manager.RegisterMethod(barrier, new PTXIntrinsic(typeof(GroupMemory), nameof(PlainBarrier), IntrinsicImplementationMode.Redirect));
        manager.RegisterMethod(barrier, new CLIntrinsic(typeof(GroupMemory), nameof(GenerateBarrier), IntrinsicImplementationMode.GenerateCode));
    }

    internal static void PlainBarrier() => Group.Barrier();

    internal static void GenerateBarrier(CLBackend _, CLCodeGenerator codeGenerator, Value _1)
    {
        using var statement = codeGenerator.BeginStatement((RawString)"work_group_barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)");
    }
}
