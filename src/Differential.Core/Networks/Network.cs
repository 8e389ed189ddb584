using Differential.Core.Data;
using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>
/// The parameters of an architecture on a device. They and their gradients lie in two flat tensors, so that an
/// optimiser updates all of them in one pass; the layers' state lies in a third one. What is computed with them is planned per batch size (<see cref="Plan"/>).
/// </summary>
public sealed partial class Network : IDisposable
{
    private readonly Dictionary<(Layer Layer, string Name), Parameter> _parameters = [];
    private readonly Dictionary<(Layer Layer, string Name), LayerState> _states = [];
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
        int states = architecture.Layers.Sum(static layer => layer.State.Sum(static state => state.Shape.Length));
        StateValues = states > 0 ? device.Allocate(new Shape(states)) : null;
        State = CreateState();
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

    /// <summary>A network for some data, without values yet; the caller owns it.</summary>
    /// <param name="device">Where it computes.</param>
    /// <param name="model">Its layers.</param>
    /// <param name="splits">Decide the input's shape, the normalisation and the number of scores.</param>
    /// <exception cref="ArchitectureException">The layers do not fit one another or the samples.</exception>
    /// <exception cref="DeviceMemoryException">The device has no room for the parameters.</exception>
    public static Network Create(ComputeDevice device, ModelOptions model, DataSplits splits)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(splits);
        return new Network(device, NetworkArchitecture.Create(model, splits.Train), InputNormalization.From(model.Input, splits.Train));
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

    /// <summary>The layers' parameters in their order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The layers' state, such as running statistics, in their order.</summary>
    public IReadOnlyList<LayerState> State { get; }

    /// <summary>All parameters, one after another.</summary>
    public Tensor<float> ParameterValues { get; }

    /// <summary>All gradients, in the same order.</summary>
    public Tensor<float> ParameterGradients { get; }

    /// <summary>All of the layers' state, one after another; null where no layer has any.</summary>
    public Tensor<float>? StateValues { get; }

    /// <summary>Whether the parameters have been set: initialised, loaded or written.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>
    /// He initialisation: weights N(0, 2/fan-in), those of the last layer N(0, 1/fan-in), other values as their layers start them. Drawn on the
    /// host from the seed's stream "initialization" of each layer's index, of nested layers with their name: the same on every device.
    /// </summary>
    public void Initialize(long seed)
    {
        Layer last = Architecture.Layers[^1];
        foreach (Layer layer in Architecture.Layers)
        {
            foreach (LayerValue declared in layer.Parameters)
            {
                Start(
                    Parameter(layer, declared.Name)!.Value,
                    declared,
                    () => layer.StartsAsIdentity ? Identity(declared.Shape) : Random(layer, layer == last ? 1.0 : 2.0));
            }

            foreach (LayerValue declared in layer.State)
            {
                Start(StateOf(layer, declared.Name).Value, declared, () => throw new NotSupportedException($"{layer.Name}.{declared.Name} has no first value"));
            }
        }

        foreach (WeightNorm norm in _norms.Values)
        {
            norm.Start();
        }

        Array.Clear(_thresholds);
        MarkSet();

        Func<double> Random(Layer layer, double gain)
        {
            var stream = new RandomStream(seed, layer.Place.IsNested ? $"initialization {layer.Name}" : "initialization", layer.Index);
            double deviation = Math.Sqrt(gain / layer.FanIn);
            return () => deviation * stream.NextNormal();
        }

        // Weights of a convolution that copies its channels.
        static Func<double> Identity(Shape shape)
        {
            (int channels, int size, int i) = (shape[1], shape[2], 0);
            return () =>
            {
                (int filter, int within) = Math.DivRem(i++, channels * size * size);
                return within == (filter * size * size) + ((size / 2) * size) + (size / 2) ? 1 : 0;
            };
        }

        static void Start(Tensor<float> value, LayerValue declared, Func<Func<double>> random)
        {
            if (declared.Start is { } start)
            {
                value.Fill(start);
                return;
            }

            Func<double> next = random();
            var values = new float[value.Length];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)next();
            }

            value.Write(values);
        }
    }

    /// <summary>Sets all parameters at once, in the order of <see cref="ParameterValues"/>.</summary>
    public void SetParameters(ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, ParameterValues.Length, nameof(values));
        ParameterValues.Write(values);
        MarkSet();
    }

    /// <summary>Sets one parameter, or one layer's state, by its name.</summary>
    public void SetParameter(string name, ReadOnlySpan<float> values)
    {
        Tensor<float> value = Parameters.FirstOrDefault(candidate => candidate.Name == name)?.Value
            ?? State.FirstOrDefault(candidate => candidate.Name == name)?.Value
            ?? throw new ArgumentException($"no parameter {name}", nameof(name));
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, value.Length, nameof(values));
        value.Write(values);
        MarkSet();
    }

    /// <summary>Sets all of the layers' state at once, in the order of <see cref="StateValues"/>; none where there is none.</summary>
    public void SetState(ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, StateValues?.Length ?? 0, nameof(values));
        StateValues?.Write(values);
    }

    /// <summary>Sets the threshold of each score.</summary>
    public void SetThresholds(ReadOnlySpan<float> thresholds)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(thresholds.Length, _thresholds.Length, nameof(thresholds));
        thresholds.CopyTo(_thresholds);
    }

    /// <summary>Plans the network for batches of up to <paramref name="maxBatch"/> samples; the caller owns the plan.</summary>
    /// <param name="maxBatch">Samples, at least 1.</param>
    /// <param name="purpose">What it is for.</param>
    /// <param name="activations">Whether a training step keeps what its gradient needs, or computes it again; of other plans they are kept.</param>
    /// <exception cref="ArchitectureException">A layer's activations would be beyond what one tensor holds.</exception>
    /// <exception cref="DeviceMemoryException">The device has no room for the activations.</exception>
    public NetworkPlan Plan(int maxBatch, PlanPurpose purpose, Activations activations = Activations.Kept) => new(this, maxBatch, purpose, activations);

    public void Dispose()
    {
        _normResources.Dispose();
        ParameterValues.Dispose();
        ParameterGradients.Dispose();
        StateValues?.Dispose();
    }

    /// <summary>A layer's parameter; null where it has none of that name.</summary>
    internal Parameter? Parameter(Layer layer, string name) => _parameters.GetValueOrDefault((layer, name));

    internal Parameter? Weight(Layer layer) => Parameter(layer, LayerValue.Weight);

    internal Parameter? Bias(Layer layer) => Parameter(layer, LayerValue.Bias);

    internal LayerState StateOf(Layer layer, string name) => _states[(layer, name)];

    private List<Parameter> CreateParameters()
    {
        var parameters = new List<Parameter>();
        int offset = 0;
        foreach (Layer layer in Architecture.Layers)
        {
            foreach (LayerValue declared in layer.Parameters)
            {
                var parameter = new Parameter(
                    $"{layer.Name}.{declared.Name}",
                    layer.FanIn,
                    declared.Name == LayerValue.Bias,
                    ParameterValues.Slice(offset, declared.Shape),
                    ParameterGradients.Slice(offset, declared.Shape));
                offset += declared.Shape.Length;
                parameters.Add(parameter);
                _parameters.Add((layer, declared.Name), parameter);
            }
        }

        return parameters;
    }

    private List<LayerState> CreateState()
    {
        var states = new List<LayerState>();
        int offset = 0;
        foreach (Layer layer in Architecture.Layers)
        {
            foreach (LayerValue declared in layer.State)
            {
                var state = new LayerState($"{layer.Name}.{declared.Name}", StateValues!.Slice(offset, declared.Shape));
                offset += declared.Shape.Length;
                states.Add(state);
                _states.Add((layer, declared.Name), state);
            }
        }

        return states;
    }
}
