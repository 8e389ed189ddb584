using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace Differential.Kernels.Devices;

/// <summary>
/// A compiled kernel with its arguments as one structure (views and numbers): the launcher is kept, since ILGPU itself
/// keeps launchers only weakly, and a launch allocates nothing.
/// </summary>
internal sealed class IlgpuKernel<TArguments>(IlgpuDevice device, string name, Action<AcceleratorStream, KernelConfig, TArguments> launcher) : ILaunchedKernel, IDisposable
    where TArguments : struct
{
    private int _groupSize;

    public string Name { get; } = name;

    /// <summary>One thread for each of <paramref name="count"/> elements, in whole groups: the kernel checks its index.</summary>
    public void LaunchElements(long count, in TArguments arguments) =>
        Launch(new Index3D((int)((count + device.GroupSize - 1) / device.GroupSize), 1, 1), device.GroupSize, arguments);

    /// <summary>One group for each of <paramref name="count"/> rows.</summary>
    public void LaunchRows(int count, in TArguments arguments) => Launch(new Index3D(count, 1, 1), device.GroupSize, arguments);

    public void Launch(Index3D groups, int groupSize, in TArguments arguments)
    {
        _groupSize = groupSize;
        try
        {
            device.Driver(Name);
            device.Repetition?.Note((Name, groups, groupSize, arguments));
            device.Accelerator.Bind();
            launcher(device.Stream, new KernelConfig(groups, new Index3D(groupSize, 1, 1)), arguments);
        }
        catch (AcceleratorException exception)
        {
            throw device.Lost($"starting {Name}", exception);
        }
    }

    public KernelFootprint? Footprint()
    {
        if (_groupSize == 0 || !launcher.TryGetKernel(out Kernel? kernel))
        {
            return null;
        }

        device.Accelerator.Bind();
        int groups = device.Accelerator.EstimateMaxActiveGroupsPerMultiprocessor(kernel, _groupSize);
        return new KernelFootprint(Name, _groupSize, groups, (double)groups * _groupSize / device.Accelerator.MaxNumThreadsPerMultiprocessor);
    }

    /// <summary>Takes the kernel's code off the device.</summary>
    public void Dispose()
    {
        if (launcher.TryGetKernel(out Kernel? kernel))
        {
            kernel.Dispose();
        }
    }

    /// <summary>Class, method and type arguments of a kernel, for logs.</summary>
    internal static string NameOf(MethodInfo method)
    {
        string name = $"{method.DeclaringType?.Name}.{method.Name}";
        return method.IsGenericMethod ? $"{name}<{string.Join(", ", method.GetGenericArguments().Select(NameOf))}>" : name;
    }

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;
}
