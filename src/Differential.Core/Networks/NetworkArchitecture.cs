using Differential.Kernels.Devices;
using Differential.Kernels.Pooling;

namespace Differential.Core.Networks;

/// <summary>A list of layers whose shapes fit one another and an input, ending in one score, or in one for each of several classes.</summary>
public sealed class NetworkArchitecture
{
    /// <summary>Largest number of elements of one tensor: parameters together, or a batch's activations of one layer.</summary>
    public const int MaxElements = int.MaxValue;

    /// <summary>Largest number of layers.</summary>
    public const int MaxLayers = 1_000;

    private NetworkArchitecture(Shape input, IReadOnlyList<LayerOptions> options, IReadOnlyList<Layer> layers, int parameterCount)
    {
        Input = input;
        Options = options;
        Layers = layers;
        ParameterCount = parameterCount;
    }

    /// <summary>Shape of one sample: [height, width, channels] or [features].</summary>
    public Shape Input { get; }

    /// <summary>The layers as they were asked for.</summary>
    public IReadOnlyList<LayerOptions> Options { get; }

    /// <summary>
    /// The layers with their shapes. A flatten that is implied before a dense layer is an entry of its own with the
    /// dense layer's index, so that indices stay those of <see cref="Options"/>.
    /// </summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Weights and biases together.</summary>
    public int ParameterCount { get; }

    /// <summary>Length of the penultimate features: the input of the last dense layer.</summary>
    public int FeatureCount => Layers[^1].Input.Length;

    /// <summary>Scores of a sample: 1 for two classes, else one for each class.</summary>
    public int Scores => Layers[^1].Output.Length;

    /// <summary>Infers every shape and checks every size.</summary>
    /// <param name="input">[height, width, channels] of images, [features] of points.</param>
    /// <param name="layers">The layers; the last is dense with a unit for each score.</param>
    /// <param name="scores">1 for two classes, else the number of classes.</param>
    /// <exception cref="ArchitectureException">A layer does not fit its input, a size is out of its range or too large.</exception>
    public static NetworkArchitecture Create(Shape input, IReadOnlyList<LayerOptions> layers, int scores = 1)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(layers);
        if (input.Rank is not (1 or 3))
        {
            throw new ArchitectureException(-1, $"an input of shape {input}", "[height, width, channels] or [features]");
        }

        if (layers.Count is 0 or > MaxLayers)
        {
            throw new ArchitectureException(-1, $"{layers.Count} layers", $"1 to {MaxLayers}");
        }

        var built = new List<Layer>();
        long parameters = 0;
        Shape shape = input;
        for (int index = 0; index < layers.Count; index++)
        {
            if (layers[index] is DenseOptions && shape.Rank == 3)
            {
                built.Add(new FlattenLayer(index, shape));
                shape = built[^1].Output;
            }

            Layer layer = Build(index, shape, layers[index]);
            built.Add(layer);
            shape = layer.Output;
            parameters += (layer.Weight?.Length ?? 0) + layer.BiasLength;
            if (parameters > MaxElements)
            {
                throw new ArchitectureException(index, $"{parameters} parameters up to this layer", $"at most {MaxElements}");
            }
        }

        if (built[^1] is not DenseLayer last || last.Units != scores)
        {
            throw new ArchitectureException(
                layers.Count - 1,
                $"the last layer yields {shape}",
                scores == 1 ? "a dense layer with one unit at the end" : $"a dense layer with {scores} units at the end, one for each class");
        }

        return new NetworkArchitecture(input, [.. layers], built, (int)parameters);
    }

    private static Layer Build(int index, Shape input, LayerOptions? options) => options switch
    {
        ConvOptions conv => ConvLayer.Create(index, input, conv),
        DenseOptions dense => DenseLayer.Create(index, input, dense),
        ReluOptions => new ReluLayer(index, input),
        MaxMinOptions => MaxMinLayer.Create(index, input),
        MaxPoolOptions pool => PoolLayer.Create(index, input, PoolKind.Max, pool.Size, pool.Stride),
        AveragePoolOptions pool => PoolLayer.Create(index, input, PoolKind.Average, pool.Size, pool.Stride),
        FlattenOptions => new FlattenLayer(index, input),
        _ => throw new ArchitectureException(index, options?.GetType().Name ?? "null", "a layer of a known kind"),
    };
}
