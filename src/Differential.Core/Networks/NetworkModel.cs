using Differential.Core.Data;
using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>Networks to files and back.</summary>
public static class NetworkModel
{
    /// <summary>
    /// The network as a file keeps it, with the data's names of the classes. Layers held at norm 1 are settled, and saved as ordinary layers
    /// with the weights that they compute with.
    /// </summary>
    public static SavedModel ToSaved(Network network, DataSplits splits)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(splits);
        network.Settle();
        return new SavedModel(
            [.. network.Architecture.Options.Select(static layer => layer.Saved())],
            network.Architecture.Input,
            [.. network.Normalization.Mean],
            network.Normalization.Scale,
            network.Threshold,
            splits.Positive,
            splits.Negative,
            [
                .. network.Parameters.Select(parameter => new NamedTensor(parameter.Name, parameter.Shape, network.Effective(parameter).ToArray())),
                .. network.State.Select(static state => new NamedTensor(state.Name, state.Value.Shape, state.Value.ToArray())),
            ])
        {
            Classes = network.Architecture.Scores > 1 ? splits.Names : null,
            Thresholds = network.Architecture.Scores > 1 ? [.. network.Thresholds] : null,
        };
    }

    /// <summary>Writes the network to a <c>.safetensors</c> file, durably: the file is whole or it is not there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">The network, with its threshold.</param>
    /// <param name="splits">Names the classes.</param>
    public static void Save(string path, Network network, DataSplits splits) => ModelFile.Save(path, ToSaved(network, splits));

    /// <summary>The network of a <c>.safetensors</c> file; the caller owns it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the network computes.</param>
    /// <exception cref="InputException">The file is no model.</exception>
    /// <exception cref="ArchitectureException">The file's parts do not fit one another.</exception>
    public static Network Load(string path, ComputeDevice device) => FromSaved(ModelFile.Load(path), device);

    /// <summary>A network with a file's parameters; the caller owns it.</summary>
    /// <exception cref="ArchitectureException">
    /// The layers do not fit one another, a parameter is missing, left over or of another shape, or the mean's length does
    /// not fit the input.
    /// </exception>
    public static Network FromSaved(SavedModel model, ComputeDevice device)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(device);
        (NetworkArchitecture architecture, InputNormalization normalization) = Check(model);
        var network = new Network(device, architecture, normalization);
        try
        {
            foreach (NamedTensor tensor in model.Parameters)
            {
                network.SetParameter(tensor.Name, tensor.Values);
            }
        }
        catch
        {
            network.Dispose();
            throw;
        }

        network.SetThresholds(model.Thresholds is { } thresholds ? [.. thresholds] : [model.Threshold]);
        return network;
    }

    /// <summary>The layers and the normalisation of a file's model, whose parts fit one another.</summary>
    /// <exception cref="ArchitectureException">As <see cref="FromSaved"/>.</exception>
    public static (NetworkArchitecture Architecture, InputNormalization Normalization) Check(SavedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var architecture = NetworkArchitecture.Create(model.Input, model.Layers, model.Scores);
        int channels = InputNormalization.Channels(model.Input);
        if (model.InputMean.Length != channels)
        {
            throw new ArchitectureException(LayerPlace.Whole, $"an input mean of {model.InputMean.Length} values", $"{channels}, one for each channel or feature of the input");
        }

        CheckTensors(architecture, model.Parameters);
        return (architecture, new InputNormalization(model.InputMean, model.InputScale));
    }

    private static void CheckTensors(NetworkArchitecture architecture, IReadOnlyList<NamedTensor> tensors)
    {
        Dictionary<string, NamedTensor> left = tensors.ToDictionary(static tensor => tensor.Name);
        foreach ((string name, Shape shape) in architecture.Layers.SelectMany(static layer => layer.Parameters.Concat(layer.State).Select(value => ($"{layer.Name}.{value.Name}", value.Shape))))
        {
            if (!left.Remove(name, out NamedTensor? tensor))
            {
                throw new ArchitectureException(LayerPlace.Whole, $"no {name}", $"a tensor of shape {shape}");
            }

            if (!tensor.Shape.Equals(shape))
            {
                throw new ArchitectureException(LayerPlace.Whole, $"{name} of shape {tensor.Shape}", $"{shape}");
            }
        }

        if (left.Count > 0)
        {
            throw new ArchitectureException(LayerPlace.Whole, $"a tensor {left.Keys.First()}", "the parameters of the layers alone");
        }
    }
}
