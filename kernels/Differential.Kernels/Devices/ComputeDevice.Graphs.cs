namespace Differential.Kernels.Devices;

/// <content>Work that is queued again and again.</content>
public abstract partial class ComputeDevice
{
    /// <summary>Whether the work of a <see cref="DeviceGraph"/> is being queued: then nothing may pass between host and device.</summary>
    internal bool IsInGraph { get; set; }

    /// <summary>A sequence of operations to be repeated; the caller owns it, and ends it before the tensors that it uses.</summary>
    public virtual DeviceGraph CreateGraph() => new(this);

    /// <exception cref="InvalidOperationException">The work of a graph is being queued.</exception>
    internal void RefuseInGraph(string call)
    {
        if (IsInGraph)
        {
            throw new InvalidOperationException($"{call} cannot be part of a device graph: a replay would not repeat it");
        }
    }
}
