using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>The network of the best epoch so far, and how a checkpoint keeps it beside the network that is trained on.</summary>
/// <param name="Parameters">As <see cref="Networks.Network.ParameterValues"/>.</param>
/// <param name="State">As <see cref="Networks.Network.StateValues"/>; empty where no layer has any.</param>
internal sealed record BestSnapshot(float[] Parameters, float[] State)
{
    private const string ParametersName = "best.parameters";
    private const string StateName = "best.state";

    /// <summary>What a checkpoint's tensors hold of it; null where they hold nothing.</summary>
    public static BestSnapshot? From(IReadOnlyList<NamedTensor> tensors) =>
        tensors.FirstOrDefault(static tensor => tensor.Name == ParametersName) is { } parameters
            ? new BestSnapshot(parameters.Values, tensors.FirstOrDefault(static tensor => tensor.Name == StateName)?.Values ?? [])
            : null;

    public IEnumerable<NamedTensor> ToTensors() =>
    [
        new NamedTensor(ParametersName, new Shape(Parameters.Length), Parameters),
        .. State.Length > 0 ? [new NamedTensor(StateName, new Shape(State.Length), State)] : (NamedTensor[])[],
    ];
}
