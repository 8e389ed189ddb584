using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

/// <summary>
/// A network planned for batches of up to <see cref="MaxBatch"/> samples: it owns the activations, the workspaces and
/// the gradients by activations; its calls allocate nothing. A ReLU behind a layer that can take it is folded
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
    private readonly bool _dependsOnMode;
    private Tensor<float>? _firstInput;
    private int _count;
    private PassMode _mode;

    internal NetworkPlan(Network network, int maxBatch, PlanPurpose purpose, Activations activations)
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
            _nodes = CreateNodes(purpose == PlanPurpose.Training ? activations : Activations.Kept);
            SearchesApart = purpose == PlanPurpose.Attack && Array.Exists(_nodes, static node => node.Planned.SearchesApart);
            _dependsOnMode = network.Architecture.Layers.Any(static layer => layer.DependsOnMode);
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

    /// <summary>The penultimate features [maxBatch, k] of the latest <see cref="Forward(Tensor{float}, int)"/>: the input of the last dense layer.</summary>
    public Tensor<float> Features => _nodes[^1].Sources[0] is var source and >= 0 ? _nodes[source].FlatOutput : _features ?? throw new InvalidOperationException("no forward pass yet");

    /// <inheritdoc/>
    public bool SearchesApart { get; }

    /// <inheritdoc/>
    public bool TryPrepareGraphs()
    {
        _network.EnsureNorms();
        return true;
    }

    /// <summary>Brings what a training step's layers draw at random to the device: before the step's forward pass, and not in a device graph.</summary>
    /// <param name="seed">The job's seed.</param>
    /// <param name="step">Number of the step in the run, from 0.</param>
    public void Draw(long seed, long step)
    {
        foreach (Node node in _nodes)
        {
            node.Planned.Draw(seed, step);
        }
    }

    /// <inheritdoc/>
    public Tensor<float> Forward(Tensor<float> x, int count) => Forward(x, count, PassMode.Infer);

    /// <inheritdoc/>
    public Tensor<float> Search(Tensor<float> x, int count) => Forward(x, count, PassMode.Search);

    /// <summary>The scores [maxBatch, scores] of the first <paramref name="count"/> samples of x, before the thresholds; valid until the next call.</summary>
    /// <param name="x">The samples as stored, before any normalisation.</param>
    /// <param name="count">Samples.</param>
    /// <param name="mode">Whether it is a training step's pass, which updates running statistics, or an attack's search.</param>
    /// <exception cref="InvalidOperationException">A training step's pass in a plan that is not for training, or a search in one that is not for attacks.</exception>
    public Tensor<float> Forward(Tensor<float> x, int count, PassMode mode)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxBatch);
        if (mode switch { PassMode.Train => PlanPurpose.Training, PassMode.Search => PlanPurpose.Attack, _ => _purpose } is var asked && asked != _purpose)
        {
            throw new InvalidOperationException($"the plan is for {_purpose}, not {asked}");
        }

        _network.EnsureNorms();
        Tensor<float> input = x;
        if (_normalize is not null)
        {
            _normalize.Forward(x, _mean!, _network.Normalization.Scale, _normalized!, count * SampleShape.Length);
            input = _normalized!;
        }

        _firstInput = input;
        _count = count;
        _mode = mode;
        SetFeatures(input);
        foreach (Node node in _nodes)
        {
            for (int i = 0; i < node.Sources.Length; i++)
            {
                if (node.Sources[i] < 0)
                {
                    node.Inputs[i] = input;
                }
            }

            node.Planned.Forward(node.Inputs, node.Output, count, mode);
        }

        return _nodes[^1].Output;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The plan is not for attacks, or there was no forward pass.</exception>
    public Tensor<float> InputGradient(Tensor<float> dScores, int count)
    {
        CheckBackward(PlanPurpose.Attack, count);
        Backward(dScores, count);
        if (_network.Normalization.Scale != 1f)
        {
            _normalize!.Backward(_inputGradient!, _network.Normalization.Scale, _inputGradient!, count * SampleShape.Length);
        }

        return _inputGradient!;
    }

    /// <summary>
    /// Overwrites the network's gradients with that of Σ dScores[i]·score[i] of the latest <see cref="Forward(Tensor{float}, int, PassMode)"/>. The
    /// gradient by the input is not computed.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The plan is not for training, there was no forward pass since the latest call, or it was an evaluation's and a layer computes something else in training.
    /// </exception>
    public void ParameterGradients(Tensor<float> dScores, int count)
    {
        CheckBackward(PlanPurpose.Training, count);
        if (_dependsOnMode && _mode != PassMode.Train)
        {
            throw new InvalidOperationException("the latest forward pass was an evaluation's, not a training step's");
        }

        Backward(dScores, count);
        if (_overwrites)
        {
            // Activations that gradients were written over are those of no pass any more.
            (_firstInput, _count) = (null, 0);
        }
    }

    public void Dispose() => _owned.Dispose();

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
