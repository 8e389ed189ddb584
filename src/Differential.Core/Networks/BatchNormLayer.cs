using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Differential.Core.Onnx;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Normalization;

namespace Differential.Core.Networks;

[Description("Batch normalisation of each channel, or of each unit of a dense layer: training steps with their batch's statistics, evaluations and attacks with running ones.")]
public sealed record BatchNormOptions : LayerOptions
{
    [Description("Share by which a training step moves the running statistics towards its batch's.")]
    [Range(0.0, 1.0)]
    public double Momentum { get; init; } = 0.1;

    [Description("Added to the variance.")]
    [Range(1e-12, 1.0)]
    public double Epsilon { get; init; } = 1e-5;

    internal override bool DependsOnMode => true;

    internal override Layer Create(LayerPlace place, Shape input) => new BatchNormLayer(place, input, this);

    internal override IEnumerable<TensorRule> Tensors(string name) =>
        ((string[])[LayerValue.Weight, LayerValue.Bias, BatchNormLayer.RunningMean, BatchNormLayer.RunningVariance]).Select(tensor => new TensorRule($"{name}.{tensor}", 1, null));
}

/// <summary>
/// Batch normalisation with PyTorch's conventions: biased variance within a batch, unbiased running variance, momentum as the share of the new
/// batch. Plans that are not for training fold it into the convolution or dense layer before it where that one has no other use.
/// </summary>
internal sealed class BatchNormLayer : Layer
{
    public const string RunningMean = "running_mean";

    public const string RunningVariance = "running_var";

    internal BatchNormLayer(LayerPlace place, Shape input, BatchNormOptions options)
        : base(place, input, input)
    {
        Channels = input[input.Rank - 1];
        Momentum = options.Momentum is >= 0 and <= 1 ? (float)options.Momentum : throw new ArchitectureException(place, $"momentum is {options.Momentum}", "0 to 1");
        Epsilon = options.Epsilon is >= 1e-12 and <= 1 ? (float)options.Epsilon : throw new ArchitectureException(place, $"epsilon is {options.Epsilon}", "1E-12 to 1");
    }

    /// <summary>Channels of images, units of vectors.</summary>
    public int Channels { get; }

    /// <summary>Share by which a training step moves the running statistics.</summary>
    public float Momentum { get; }

    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; }

    public override IReadOnlyList<LayerValue> Parameters => [new(LayerValue.Weight, new Shape(Channels), 1), new(LayerValue.Bias, new Shape(Channels), 0)];

    public override IReadOnlyList<LayerValue> State => [new(RunningMean, new Shape(Channels), 0), new(RunningVariance, new Shape(Channels), 1)];

    public override bool DependsOnMode => true;

    internal override bool TakesRelu => true;

    /// <summary>The operation for so many samples at most.</summary>
    internal BatchNorm CreateOperation(Network network, int maxBatch) =>
        BatchNorm.Create(network.Device, new BatchNormGeometry(Channels, maxBatch * (Input.Length / Channels), Momentum, Epsilon));

    /// <summary>The layer's own parameters and state in a network.</summary>
    internal BatchNormValues Values(Network network) => new(
        network.Weight(this)!.Value, network.Bias(this)!.Value, network.StateOf(this, RunningMean).Value, network.StateOf(this, RunningVariance).Value);

    internal override BoundLayer CreateBound(BoundValues values)
    {
        double[] weight = values.Of(LayerValue.Weight);
        double[] variance = values.Of(RunningVariance);

        // The inverse as devices compute it, which is a number of float32.
        double[] scale = [.. weight.Select((factor, c) => factor * (1f / MathF.Sqrt((float)variance[c] + Epsilon)))];
        return new ScaleBoundLayer(Input.Length, values.Of(RunningMean), scale, values.Of(LayerValue.Bias));
    }

    internal override string Export(LayerExport export, IReadOnlyList<string> inputs) => export.Node(
        "BatchNormalization",
        [
            inputs[0],
            .. ((string[])[LayerValue.Weight, LayerValue.Bias, RunningMean, RunningVariance]).Select(
                name => export.Constant(name, new Shape(Channels), [.. export.Values.Of(name).Select(static value => (float)value)])),
        ],
        OnnxAttribute.Of("epsilon", Epsilon));

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network, maxBatch, fusion.Relu);

    private sealed class Planned(BatchNormLayer layer, Network network, int maxBatch, bool relu) : PlannedLayer
    {
        private readonly BatchNorm _norm = layer.CreateOperation(network, maxBatch);
        private readonly BatchNormValues _values = layer.Values(network);
        private readonly Parameter _weight = network.Weight(layer)!;
        private readonly Parameter _bias = network.Bias(layer)!;
        private readonly Relu? _relu = relu ? Relu.Create(network.Device) : null;
        private readonly int _rows = layer.Input.Length / layer.Channels;

        public override bool IsInPlace => true;

        public override OutputUse OutputUse => _relu is null ? OutputUse.None : OutputUse.Signs;

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode)
        {
            if (mode == PassMode.Train)
            {
                _norm.ForwardTrain(x[0], _values, y, count * _rows, _relu is not null);
            }
            else
            {
                _norm.ForwardInfer(x[0], _values, y, count * _rows, _relu is not null);
            }
        }

        public override void Repeat(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) =>
            _norm.Repeat(x[0], _values, y, count * _rows, _relu is not null);

        public override void BackwardActivation(Tensor<float> y, Tensor<float> dy, int count) =>
            _relu?.Backward(y, dy, dy, count * layer.Output.Length);

        public override void BackwardParameters(Tensor<float>[] x, Tensor<float> dy, int count) =>
            _norm.BackwardParameters(x[0], dy, _weight.Gradient, _bias.Gradient, count * _rows);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _norm.BackwardInput(x[0], dy, _values.Weight, dx, count * _rows);

        protected override void Dispose(bool disposing)
        {
            _norm.Dispose();
            _relu?.Dispose();
        }
    }
}
