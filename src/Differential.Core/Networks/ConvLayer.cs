using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Onnx;
using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

[Description("2-D convolution.")]
public sealed record ConvOptions : LayerOptions, IWeightOptions
{
    [Description("Output channels.")]
    [Range(1, 65_536)]
    public required int Filters { get; init; }

    [Description("Rows and columns of the kernel.")]
    [Range(1, 1_024)]
    public int Size { get; init; } = 3;

    [Description("Step in both directions.")]
    [Range(1, 1_024)]
    public int Stride { get; init; } = 1;

    [Description("Zeros around the input.")]
    [Range(0, 1_024)]
    public int Padding { get; init; }

    [Description("Whether a bias is added.")]
    public bool Bias { get; init; } = true;

    [Description("Training divides the weights by the layer's operator norm, so that it stretches no distance. Files hold the divided weights.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Lipschitz { get; init; }

    [Description("Share of the way to an orthogonal layer, which keeps distances, that each training step pulls the weights; with lipschitz.")]
    [Range(0.0, 1.0)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Orthogonality { get; init; }

    [Description("Whether the weights start as those of the identity, channel for channel, in place of random ones.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Identity { get; init; }

    internal override Layer Create(LayerPlace place, Shape input) => ConvLayer.Create(place, input, this);

    internal override LayerOptions Saved() => this with { Lipschitz = false, Orthogonality = 0, Identity = false };

    internal override IEnumerable<TensorRule> Tensors(string name) =>
        Bias ? [new($"{name}.weight", 4, Filters), new($"{name}.bias", 1, Filters)] : [new($"{name}.weight", 4, Filters)];
}

/// <summary>2-D convolution with an optional bias; a ReLU behind it is folded in.</summary>
internal sealed class ConvLayer : Layer
{
    internal ConvLayer(LayerPlace place, Shape input, Conv2dGeometry geometry, ConvOptions options)
        : base(place, input, new Shape(geometry.OutputHeight, geometry.OutputWidth, geometry.Filters))
    {
        Geometry = geometry;
        BiasLength = options.Bias ? geometry.Filters : 0;
        IsLipschitz = options.Lipschitz;
        Orthogonality = options.Orthogonality;
        StartsAsIdentity = options.Identity;
        Weight = new Shape(geometry.Filters, geometry.Channels, geometry.Size, geometry.Size);
    }

    public Conv2dGeometry Geometry { get; }

    /// <summary>[filters, channels, size, size].</summary>
    public override Shape Weight { get; }

    public override int BiasLength { get; }

    public override int FanIn => Geometry.Channels * Geometry.Size * Geometry.Size;

    public override bool IsLipschitz { get; }

    public override double Orthogonality { get; }

    public override bool StartsAsIdentity { get; }

    internal override bool TakesRelu => true;

    internal static ConvLayer Create(LayerPlace place, Shape input, ConvOptions options)
    {
        LayerChecks.Image(place, "conv", input);
        LayerChecks.Range(place, "filters", options.Filters, 1, 65_536);
        LayerChecks.Range(place, "size", options.Size, 1, 1_024);
        LayerChecks.Range(place, "stride", options.Stride, 1, 1_024);
        LayerChecks.Range(place, "padding", options.Padding, 0, 1_024);
        LayerChecks.Window(place, options.Size, input, options.Padding);
        var geometry = new Conv2dGeometry(input[0], input[1], input[2], options.Filters, options.Size, options.Stride, options.Padding);
        LayerChecks.Elements(place, "the weights", options.Filters, input[2], options.Size, options.Size);
        LayerChecks.Elements(place, "the output of one image", geometry.OutputHeight, geometry.OutputWidth, options.Filters);
        return new ConvLayer(place, input, geometry, options);
    }

    internal override BoundLayer CreateBound(BoundValues values) => new ConvBoundLayer(Geometry, values.Weight, values.Bias);

    internal override string Export(LayerExport export, IReadOnlyList<string> inputs)
    {
        (int size, int stride, int padding) = (Geometry.Size, Geometry.Stride, Geometry.Padding);
        return export.Node(
            "Conv",
            export.Linear(inputs[0]),
            OnnxAttribute.Of("kernel_shape", size, size),
            OnnxAttribute.Of("strides", stride, stride),
            OnnxAttribute.Of("pads", padding, padding, padding, padding));
    }

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network, maxBatch, fusion);

    internal override LayerOperator CreateOperator(ComputeDevice device, int maxBatch) => new Operator(this, device, maxBatch);

    private sealed class Operator : LayerOperator
    {
        private readonly ConvLayer _layer;
        private readonly Conv2d _convolution;

        public Operator(ConvLayer layer, ComputeDevice device, int maxBatch)
            : base(maxBatch)
        {
            _layer = layer;
            _convolution = Conv2d.Create(device, layer.Geometry, maxBatch);
            try
            {
                _convolution.Reserve(backwardInput: true, backwardWeight: true);
            }
            catch
            {
                _convolution.Dispose();
                throw;
            }
        }

        public override Shape Input => _layer.Input;

        public override Shape Output => _layer.Output;

        public override int Positions => _layer.Geometry.OutputHeight * _layer.Geometry.OutputWidth;

        public override void Apply(Tensor<float> weight, Tensor<float> x, Tensor<float> y, int count) =>
            _convolution.Forward(x, weight, null, false, y, count);

        public override void ApplyTransposed(Tensor<float> weight, Tensor<float> y, Tensor<float> x, int count) =>
            _convolution.BackwardInput(y, weight, x, count);

        public override void Outer(Tensor<float> x, Tensor<float> y, Tensor<float> dWeight, int count) =>
            _convolution.BackwardWeight(x, y, dWeight, null, count);

        protected override void Dispose(bool disposing) => _convolution.Dispose();
    }

    private sealed class Planned(ConvLayer layer, Network network, int maxBatch, Fusion fusion) : PlannedLayer
    {
        private readonly Conv2d _convolution = Conv2d.Create(network.Device, layer.Geometry, maxBatch);

        // Of training steps and of the search of attacks: what decides is direct, so that no decision depends on how a convolution is computed.
        private readonly Conv2d? _fast = network.Device.Convolution == ConvolutionMethod.Fast && Conv2d.HasFast(network.Device, layer.Geometry)
            ? Conv2d.Create(network.Device, layer.Geometry, maxBatch, ConvolutionMethod.Fast)
            : null;

        private readonly Relu? _relu = fusion.Relu ? Relu.Create(network.Device) : null;
        private readonly Parameter _weight = network.Weight(layer)!;
        private readonly WeightNorm? _norm = network.Norm(layer);
        private readonly FoldedWeights _folded = new(network, layer, fusion.Norm);
        private readonly Parameter? _bias = network.Bias(layer);

        private bool _hasSteps;

        public override bool IsInPlace => true;

        public override OutputUse OutputUse => _relu is null ? OutputUse.None : OutputUse.Signs;

        public override bool SearchesApart => _fast is not null;

        // What computes the passes of a step, of training or of a search.
        private Conv2d Steps => _hasSteps && _fast is not null ? _fast : _convolution;

        public override bool ReadsInputs(PlanPurpose purpose) => purpose == PlanPurpose.Training;

        public override void Reserve(bool backwardInput, bool backwardParameters)
        {
            _hasSteps = backwardInput || backwardParameters;
            Steps.Reserve(backwardInput, backwardParameters);
            _convolution.Reserve(backwardInput && Steps == _convolution, backwardParameters && Steps == _convolution);
        }

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode)
        {
            _folded.Update();
            Conv2d convolution = mode == PassMode.Infer ? _convolution : Steps;
            convolution.Forward(x[0], _folded.Weight, _folded.Bias, _relu is not null, y, count);
        }

        public override void BackwardActivation(Tensor<float> y, Tensor<float> dy, int count) =>
            _relu?.Backward(y, dy, dy, count * layer.Output.Length);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            Steps.BackwardInput(dy, _folded.Weight, dx, count);

        public override void BackwardParameters(Tensor<float>[] x, Tensor<float> dy, int count)
        {
            Steps.BackwardWeight(x[0], dy, _weight.Gradient, _bias?.Gradient, count);
            _norm?.Backward();
        }

        protected override void Dispose(bool disposing)
        {
            _convolution.Dispose();
            _fast?.Dispose();
            _folded.Dispose();
            _relu?.Dispose();
        }
    }
}
