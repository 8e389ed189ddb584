using Differential.Core.Files;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Models;

/// <summary>A network as it was found in a file of any kind; it lies on no device yet.</summary>
public sealed class OpenedModel
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    public required NetworkArchitecture Architecture { get; init; }

    public required InputNormalization Normalization { get; init; }

    /// <summary>One for each score.</summary>
    public required IReadOnlyList<float> Thresholds { get; init; }

    /// <summary>Of one score the positive and the negative class, of several the class of each; null where the file does not say.</summary>
    public required IReadOnlyList<string>? Names { get; init; }

    /// <summary>The values of all parameters, and of the layers' state.</summary>
    public required IReadOnlyList<NamedTensor> Tensors { get; init; }

    /// <summary>What a reader of results is to know of how the file was read; a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Shape of one sample: [height, width, channels] or [features].</summary>
    public Shape Input => Architecture.Input;

    /// <summary>Scores of a sample: 1 for two classes, else one for each class.</summary>
    public int Scores => Architecture.Scores;

    /// <summary>The network on a device; the caller owns it.</summary>
    /// <exception cref="DeviceMemoryException">The device has no room for the parameters.</exception>
    public Network Create(ComputeDevice device)
    {
        var network = new Network(device, Architecture, Normalization);
        try
        {
            foreach (NamedTensor tensor in Tensors)
            {
                network.SetParameter(tensor.Name, tensor.Values);
            }

            network.SetThresholds([.. Thresholds]);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
