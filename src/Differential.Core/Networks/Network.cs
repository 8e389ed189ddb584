using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>
/// The parameters of an architecture on a device. They and their gradients lie in two flat tensors, so that an
/// optimiser updates all of them in one pass. What is computed with them is planned per batch size (<see cref="Plan"/>).
/// </summary>
public sealed partial class Network : IDisposable
{
    private readonly Dictionary<Layer, Parameter> _weights = [];
    private readonly Dictionary<Layer, Parameter> _biases = [];
    private readonly float[] _thresholds;

    /// <exception cref="ArgumentException">The mean's length is not the input's number of channels.</exception>
    /// <exception cref="DeviceMemoryException">The device has no room for the parameters.</exception>
    public Network(ComputeDevice device, NetworkArchitecture architecture, InputNormalization normalization)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(normalization);
        int channels = InputNormalization.Channels(architecture.Input);
        if (normalization.Mean.Count != channels)
        {
            throw new ArgumentException($"the input mean has {normalization.Mean.Count} values; the input has {channels} channels", nameof(normalization));
        }

        Device = device;
        Architecture = architecture;
        _thresholds = new float[architecture.Scores];
        Normalization = normalization;
        DeviceRoom.Check(device, 2L * architecture.ParameterCount, "the parameters");
        var flat = new Shape(architecture.ParameterCount);
        ParameterValues = device.Allocate(flat);
        ParameterGradients = device.Allocate(flat);
        Parameters = CreateParameters();
        try
        {
            CreateNorms();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ComputeDevice Device { get; }

    public NetworkArchitecture Architecture { get; }

    public InputNormalization Normalization { get; }

    /// <summary>The positive class is where the score exceeds this. Of a network with one score.</summary>
    public float Threshold
    {
        get => _thresholds[0];
        set => _thresholds[0] = value;
    }

    /// <summary>Taken from each score: the class is the one whose score less its threshold is the largest. Of a network with one score that one's threshold.</summary>
    public IReadOnlyList<float> Thresholds => _thresholds;

    /// <summary>Weights and biases in the order of the layers.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>All parameters, one after another.</summary>
    public Tensor<float> ParameterValues { get; }

    /// <summary>All gradients, in the same order.</summary>
    public Tensor<float> ParameterGradients { get; }

    /// <summary>Whether the parameters have been set: initialised, loaded or written.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>
    /// He initialisation: weights N(0, 2/fan-in), those of the last layer N(0, 1/fan-in), biases 0. Drawn on the
    /// host from the seed's stream "initialization" of each layer's index: the same on every device.
    /// </summary>
    public void Initialize(long seed)
    {
        int last = Architecture.Layers[^1].Index;
        foreach (Layer layer in Architecture.Layers)
        {
            if (Weight(layer) is not { } weight)
            {
                continue;
            }

            var stream = new RandomStream(seed, "initialization", layer.Index);
            double deviation = Math.Sqrt((layer.Index == last ? 1.0 : 2.0) / layer.FanIn);
            var values = new float[weight.Shape.Length];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)(deviation * stream.NextNormal());
            }

            weight.Value.Write(values);
            Bias(layer)?.Value.Fill(0f);
        }

        foreach (UnitNorm norm in _norms.Values)
        {
            norm.Orthogonalize();
        }

        Array.Clear(_thresholds);
        MarkSet();
    }

    /// <summary>Sets all parameters at once, in the order of <see cref="ParameterValues"/>.</summary>
    public void SetParameters(ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, ParameterValues.Length, nameof(values));
        ParameterValues.Write(values);
        MarkSet();
    }

    /// <summary>Sets one parameter by its name.</summary>
    public void SetParameter(string name, ReadOnlySpan<float> values)
    {
        Parameter parameter = Parameters.FirstOrDefault(candidate => candidate.Name == name)
            ?? throw new ArgumentException($"no parameter {name}", nameof(name));
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, parameter.Shape.Length, nameof(values));
        parameter.Value.Write(values);
        MarkSet();
    }

    /// <summary>Sets the threshold of each score.</summary>
    public void SetThresholds(ReadOnlySpan<float> thresholds)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(thresholds.Length, _thresholds.Length, nameof(thresholds));
        thresholds.CopyTo(_thresholds);
    }

    /// <summary>Plans the network for batches of up to <paramref name="maxBatch"/> samples; the caller owns the plan.</summary>
    /// <exception cref="ArchitectureException">A layer's activations would be beyond what one tensor holds.</exception>
    /// <exception cref="DeviceMemoryException">The device has no room for the activations.</exception>
    public NetworkPlan Plan(int maxBatch, PlanPurpose purpose) => new(this, maxBatch, purpose);

    public void Dispose()
    {
        _normResources.Dispose();
        ParameterValues.Dispose();
        ParameterGradients.Dispose();
    }

    internal Parameter? Weight(Layer layer) => _weights.GetValueOrDefault(layer);

    internal Parameter? Bias(Layer layer) => _biases.GetValueOrDefault(layer);

    private List<Parameter> CreateParameters()
    {
        var parameters = new List<Parameter>();
        int offset = 0;
        foreach (Layer layer in Architecture.Layers)
        {
            if (layer.Weight is { } shape)
            {
                parameters.Add(_weights[layer] = Create(layer, "weight", shape, isBias: false));
            }

            if (layer.BiasLength > 0)
            {
                parameters.Add(_biases[layer] = Create(layer, "bias", new Shape(layer.BiasLength), isBias: true));
            }
        }

        return parameters;

        Parameter Create(Layer layer, string kind, Shape shape, bool isBias)
        {
            var parameter = new Parameter(
                $"layers.{layer.Index}.{kind}",
                layer.FanIn,
                isBias,
                ParameterValues.Slice(offset, shape),
                ParameterGradients.Slice(offset, shape));
            offset += shape.Length;
            return parameter;
        }
    }
}
