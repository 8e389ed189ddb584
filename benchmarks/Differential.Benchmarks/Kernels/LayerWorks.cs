using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Pooling;

namespace Differential.Benchmarks.Kernels;

/// <summary>
/// The operations of a training step of any network, layer by layer as a plan has them, each on tensors of its own. What a layer's norm adds
/// stands apart: the probes of its pull, the pull with the power step, and the gradient through the division.
/// </summary>
internal sealed class LayerWorks : IDisposable
{
    // A step has dozens of operations.
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(0.25);

    private readonly ComputeDevice _device;
    private readonly Network _network;
    private readonly IReadOnlyList<FusedLayer> _layers;
    private readonly int _count;

    public LayerWorks(ComputeDevice device, ModelOptions model, int count)
    {
        (_device, _count) = (device, count);
        _network = Images.Network(device, model, Images.Create(count));
        _network.EnsureNorms();
        _layers = FusedGraph.Of(_network.Architecture, PlanPurpose.Training);
    }

    /// <summary>Floating-point operations of the products of the layers alone, in all their directions.</summary>
    public double Operations => _layers.Select((layer, i) => Products(layer.Layer) * (TakesInputGradient(i) ? 3 : 2)).Sum();

    /// <summary>Name, floating-point operations (0 where memory decides), seconds of the fastest call.</summary>
    public IEnumerable<(string Name, double Operations, double Seconds)> Measure()
    {
        // Layers of the same sizes are measured once.
        var known = new Dictionary<string, List<(string Name, double Operations, double Seconds)>>();
        for (int i = 0; i < _layers.Count; i++)
        {
            Layer layer = _layers[i].Layer;
            string alike = FormattableString.Invariant($"{Sizes(layer)} {layer.Input.Length} {layer.Output.Length} {_layers[i].Inputs.Length} {TakesInputGradient(i)} {_layers[i].Fusion.Relu}");
            if (!known.TryGetValue(alike, out var works))
            {
                known[alike] = works = Measure(i);
            }

            foreach ((string name, double operations, double seconds) in works)
            {
                yield return ($"{_layers[i].Layer.Name} {Sizes(_layers[i].Layer)} {name}", operations, seconds);
            }
        }

        foreach ((string name, double seconds) in MeasureRest())
        {
            yield return (name, 0, seconds);
        }
    }

    public void Dispose() => _network.Dispose();

    private static string Sizes(Layer layer) => layer is ConvLayer { Geometry: var g }
        ? FormattableString.Invariant($"{g.Channels}-{g.Filters}@{g.Height} {g.Size}x{g.Size}{(g.Stride > 1 ? $"/{g.Stride}" : string.Empty)}")
        : layer is DenseLayer ? FormattableString.Invariant($"dense {layer.Input.Length}-{layer.Output.Length}")
        : layer.GetType().Name.Replace("Layer", string.Empty, StringComparison.Ordinal);

    private double Products(Layer layer) =>
        2.0 * _count * (layer.Weight?.Length ?? 0) * (layer is ConvLayer { Geometry: var g } ? g.OutputHeight * g.OutputWidth : 1);

    private bool TakesInputGradient(int layer) => _layers[layer].Inputs.Any(source => source >= 0);

    private List<(string Name, double Operations, double Seconds)> Measure(int i)
    {
        (Layer layer, Fusion fusion, int[] inputs) = (_layers[i].Layer, _layers[i].Fusion, _layers[i].Inputs);
        var works = new List<(string, double, double)>();
        var room = new Room(_device);
        using PlannedLayer planned = layer.Plan(_network, _count, fusion);
        planned.Reserve(TakesInputGradient(i), backwardParameters: true);
        Tensor<float>[] x = [.. inputs.Select(source => room.Filled(_count * (source < 0 ? layer.Input : _layers[source].Layer.Output).Length))];
        Tensor<float> y = room.Filled(_count * layer.Output.Length), dy = room.Filled(y.Length);
        Add("forward", Products(layer), () => planned.Forward(x, y, _count, PassMode.Train));
        if (fusion.Relu)
        {
            // In front of a max-pooling it is taken back behind the pooling, where there are fewer elements.
            Layer? pool = _layers.FirstOrDefault(next => next.Inputs.Contains(i) && next.Layer is PoolLayer { Kind: PoolKind.Max })?.Layer;
            Add("relu gradient", 0, () => planned.BackwardActivation(y, dy, _count * (pool ?? layer).Output.Length / layer.Output.Length));
        }

        WeightNorm? norm = _network.Norm(layer);
        double through = norm is null ? 0 : Seconds(norm.Backward);
        if (layer.Parameters.Count > 0)
        {
            works.Add(("parameter gradient", Products(layer), Seconds(() => planned.BackwardParameters(x, dy, _count)) - through));
        }

        for (int input = 0; input < inputs.Length; input++)
        {
            int at = input;
            if (inputs[input] >= 0)
            {
                Tensor<float> dx = room.Filled(x[input].Length);
                Add("input gradient", Products(layer), () => planned.BackwardInput(at, x, y, dy, dx, _count));
            }
        }

        if (norm is not null)
        {
            long step = 0;
            Add("norm, probes", 0, () => norm.Prepare(step++, 1));
            Add("norm, pull and power step", 0, norm.Advance);
            works.Add(("norm, gradient", 0, through));
        }

        foreach (IDisposable resource in room.Owned)
        {
            resource.Dispose();
        }

        return works;

        void Add(string name, double operations, Action run) => works.Add((name, operations, Seconds(run)));
    }

    private List<(string Name, double Seconds)> MeasureRest()
    {
        using KernelWork sgd = KernelWorks.Sgd(_device, _network.ParameterValues.Length);
        using KernelWork pairs = KernelWorks.PairsOf(_device, _count / 2);
        using Tensor<float> x = _device.Allocate(Images.Size.Batched(_count));
        using Tensor<float> mean = _device.Allocate(new Shape(Images.Size[2]));
        using ChannelAffine normalize = ChannelAffine.Create(_device);
        return
        [
            ("input less its mean", Seconds(() => normalize.Forward(x, mean, 1, x, x.Length))),
            ("sgd", Seconds(sgd.Run)),
            ("pairs", Seconds(pairs.Run)),
        ];
    }

    private double Seconds(Action run) => QuickRun.Measure(_device, run, Budget).Fastest;
}
