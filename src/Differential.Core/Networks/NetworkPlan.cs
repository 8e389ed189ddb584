using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

/// <summary>
/// A network planned for batches of up to <see cref="MaxBatch"/> samples: it owns the activations, the workspaces and
/// the gradients by activations; its calls allocate nothing. A ReLU behind a convolution or dense layer is folded
/// into it. It sees the network's parameters as they are at each call.
/// </summary>
public sealed partial class NetworkPlan : IScoreModel, IDisposable
{
    private readonly Network _network;
    private readonly PlanPurpose _purpose;
    private readonly OwnedResources _owned = new();
    private readonly ChannelAffine? _normalize;
    private readonly Tensor<float>? _mean;
    private readonly Tensor<float>? _normalized;
    private readonly Tensor<float>? _inputGradient;
    private readonly Node[] _nodes;
    private Tensor<float>? _firstInput;
    private int _count;

    internal NetworkPlan(Network network, int maxBatch, PlanPurpose purpose)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        _network = network;
        _purpose = purpose;
        MaxBatch = maxBatch;
        CheckSizes();
        try
        {
            Shape batch = SampleShape.Batched(maxBatch);
            if (!network.Normalization.IsIdentity)
            {
                _normalize = _owned.Add(ChannelAffine.Create(Device));
                _mean = _owned.Add(Device.Allocate(new Shape(network.Normalization.Mean.Count), [.. network.Normalization.Mean]));
                _normalized = _owned.Add(Device.Allocate(batch));
            }

            _inputGradient = purpose == PlanPurpose.Attack ? _owned.Add(Device.Allocate(batch)) : null;
            _nodes = CreateNodes();
            for (int i = 0; i < _nodes.Length; i++)
            {
                bool training = purpose == PlanPurpose.Training;
                _nodes[i].Planned.Reserve(purpose == PlanPurpose.Attack || (training && i > _firstWithParameters), training && i >= _firstWithParameters);
            }
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    public ComputeDevice Device => _network.Device;

    public Shape SampleShape => _network.Architecture.Input;

    public int MaxBatch { get; }

    public int Scores => _network.Architecture.Scores;

    public IReadOnlyList<float> Thresholds => _network.Thresholds;

    /// <summary>The penultimate features [maxBatch, k] of the latest <see cref="Forward"/>: the input of the last dense layer.</summary>
    public Tensor<float> Features => _nodes.Length > 1 ? _nodes[^2].FlatOutput : _features ?? throw new InvalidOperationException("no forward pass yet");

    /// <inheritdoc/>
    public bool TryPrepareGraphs()
    {
        _network.EnsureNorms();
        return true;
    }

    /// <inheritdoc/>
    public Tensor<float> Forward(Tensor<float> x, int count)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxBatch);
        _network.EnsureNorms();
        Tensor<float> input = x;
        if (_normalize is not null)
        {
            _normalize.Forward(x, _mean!, _network.Normalization.Scale, _normalized!, count * SampleShape.Length);
            input = _normalized!;
        }

        _firstInput = input;
        _count = count;
        SetFeatures(input);
        foreach (Node node in _nodes)
        {
            node.Planned.Forward(input, node.Output, count);
            input = node.Output;
        }

        return input;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The plan is not for attacks, or there was no forward pass.</exception>
    public Tensor<float> InputGradient(Tensor<float> dScores, int count)
    {
        CheckBackward(PlanPurpose.Attack, count);
        Tensor<float> dy = dScores;
        for (int i = _nodes.Length - 1; i >= 0; i--)
        {
            Node node = _nodes[i];
            Tensor<float> dx = i == 0 ? _inputGradient! : node.InputGradient!;
            BackwardActivation(i, dy, count);
            node.Planned.BackwardInput(InputOf(i), node.Output, dy, dx, count);
            dy = dx;
        }

        if (_network.Normalization.Scale != 1f)
        {
            _normalize!.Backward(dy, _network.Normalization.Scale, dy, count * SampleShape.Length);
        }

        return dy;
    }

    /// <summary>
    /// Overwrites the network's gradients with that of Σ dScores[i]·score[i] of the latest <see cref="Forward"/>. The
    /// gradient by the input is not computed.
    /// </summary>
    /// <exception cref="InvalidOperationException">The plan is not for training, or there was no forward pass.</exception>
    public void ParameterGradients(Tensor<float> dScores, int count)
    {
        CheckBackward(PlanPurpose.Training, count);
        Tensor<float> dy = dScores;
        for (int i = _nodes.Length - 1; i >= _firstWithParameters; i--)
        {
            Node node = _nodes[i];
            Tensor<float> x = InputOf(i);
            BackwardActivation(i, dy, count);
            node.Planned.BackwardParameters(x, dy, count);
            if (i > _firstWithParameters)
            {
                node.Planned.BackwardInput(x, node.Output, dy, node.InputGradient!, count);
                dy = node.InputGradient!;
            }
        }
    }

    public void Dispose() => _owned.Dispose();

    private Tensor<float> InputOf(int node) => node == 0 ? _firstInput! : _nodes[node - 1].Output;

    private void CheckBackward(PlanPurpose purpose, int count)
    {
        if (_purpose != purpose)
        {
            throw new InvalidOperationException($"the plan is for {_purpose}, not {purpose}");
        }

        if (_firstInput is null || count > _count)
        {
            throw new InvalidOperationException($"the latest forward pass had {_count} samples, not {count}");
        }
    }
}
