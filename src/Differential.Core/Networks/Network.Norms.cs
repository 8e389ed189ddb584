using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>The layers whose weights are held at norm 1, as a whole or row by row. Networks without any have nothing here, and nothing to do.</summary>
public sealed partial class Network
{
    private readonly Dictionary<Layer, WeightNorm> _norms = [];
    private readonly OwnedResources _normResources = new();
    private bool _stale;

    /// <summary>
    /// Singular vectors and norms of the layers held at norm 1, as training goes on from them; null where there is none.
    /// A part of a training's state beside the parameters.
    /// </summary>
    public Tensor<float>? NormState { get; private set; }

    /// <summary>
    /// Takes for each layer held at norm 1 a norm that its operator does not exceed, where training had an estimate from below. What is
    /// evaluated, attacked or saved is settled; a function of the parameters alone.
    /// </summary>
    public void Settle()
    {
        EnsureNorms();
        foreach (WeightNorm norm in _norms.Values)
        {
            norm.Settle();
        }
    }

    /// <summary>The parameters as the layers compute with them: weights held at norm 1 are divided by their norm.</summary>
    /// <param name="parameter">One of <see cref="Parameters"/>.</param>
    public Tensor<float> Effective(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        EnsureNorms();
        foreach ((Layer layer, WeightNorm norm) in _norms)
        {
            if (ReferenceEquals(Weight(layer), parameter))
            {
                return norm.Effective;
            }
        }

        return parameter.Value;
    }

    /// <summary>By layer, how <see cref="NormState"/> is divided.</summary>
    internal IEnumerable<(string Name, int Length)> NormParts =>
        Architecture.Layers.Where(_norms.ContainsKey).Select(static layer => ($"{layer.Name}.norm", WeightNorm.StateLength(layer)));

    /// <summary>Goes on from a state that was read from <see cref="NormState"/>, after the parameters were set.</summary>
    internal void RestoreNorms(ReadOnlySpan<float> state)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(state.Length, NormState?.Length ?? 0, nameof(state));
        NormState?.Write(state);
        foreach (WeightNorm norm in _norms.Values)
        {
            norm.Divide();
        }

        _stale = false;
    }

    /// <summary>Brings what is particular to the next update to the device: to be called before <see cref="Updated"/>, once for each.</summary>
    /// <param name="step">Updates before this one.</param>
    /// <param name="pace">The update's learning rate as a share of the schedule's first.</param>
    internal void Prepare(long step, double pace)
    {
        EnsureNorms();
        foreach (WeightNorm norm in _norms.Values)
        {
            norm.Prepare(step, pace);
        }
    }

    /// <summary>To be called after each update of the parameters on the device. The same work at each step, of the device alone.</summary>
    internal void Updated()
    {
        foreach (WeightNorm norm in _norms.Values)
        {
            norm.Advance();
        }
    }

    /// <summary>Norms of parameters that were set from outside are taken when they are first needed.</summary>
    internal void EnsureNorms()
    {
        if (!_stale)
        {
            return;
        }

        foreach (WeightNorm norm in _norms.Values)
        {
            norm.Restart();
        }

        _stale = false;
    }

    internal WeightNorm? Norm(Layer layer) => _norms.GetValueOrDefault(layer);

    /// <summary>What a layer multiplies with.</summary>
    internal Tensor<float> EffectiveWeight(Layer layer) => Norm(layer)?.Effective ?? Weight(layer)!.Value;

    private void CreateNorms()
    {
        Layer[] layers = [.. Architecture.Layers.Where(static layer => layer.IsLipschitz || layer.HasUnitRows)];
        if (layers.Length == 0)
        {
            return;
        }

        long length = layers.Sum(static layer => (long)WeightNorm.StateLength(layer));
        LayerChecks.Elements(LayerPlace.Whole, "the singular vectors", checked((int)Math.Min(length, int.MaxValue)), length > int.MaxValue ? 2 : 1);
        DeviceRoom.Check(Device, length, "the singular vectors");
        NormState = _normResources.Add(Device.Allocate(new Shape((int)length)));
        int offset = 0;
        foreach (Layer layer in layers)
        {
            int own = WeightNorm.StateLength(layer);
            _norms[layer] = _normResources.Add(WeightNorm.Create(Device, layer, Weight(layer)!, NormState.Slice(offset, new Shape(own))));
            offset += own;
        }
    }

    private void MarkSet()
    {
        IsInitialized = true;
        _stale = _norms.Count > 0;
    }
}
