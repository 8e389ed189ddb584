namespace Differential.Kernels.Devices;

/// <summary>How much of a multiprocessor a kernel takes, as the driver says.</summary>
/// <param name="Name">Class, method and type arguments.</param>
/// <param name="GroupSize">Threads of a group in the latest launch.</param>
/// <param name="Groups">Groups that a multiprocessor holds at a time.</param>
/// <param name="Occupancy">Threads of these groups over the threads that it could hold, 0 to 1.</param>
internal sealed record KernelFootprint(string Name, int GroupSize, int Groups, double Occupancy);

/// <summary>A kernel that was started before.</summary>
internal interface ILaunchedKernel
{
    /// <summary>Null where it has not been started yet, or where the device does not say.</summary>
    KernelFootprint? Footprint();
}
