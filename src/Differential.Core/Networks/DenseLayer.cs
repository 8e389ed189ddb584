using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Onnx;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Gemm;

namespace Differential.Core.Networks;

[Description("Dense layer. Images are flattened before it, in channel, row, column order.")]
public sealed record DenseOptions : LayerOptions, IWeightOptions
{
    [Description("Outputs.")]
    [Range(1, 1_048_576)]
    public required int Units { get; init; }

    [Description("Whether a bias is added.")]
    public bool Bias { get; init; } = true;

    [Description("Training divides the weights by the layer's operator norm, so that it stretches no distance. Files hold the divided weights.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Lipschitz { get; init; }

    [Description("Share of the way to an orthogonal layer, which keeps distances, that each training step pulls the weights; with lipschitz.")]
    [Range(0.0, 1.0)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Orthogonality { get; init; }

    [Description("Training divides each row of the weights by its norm, so that no output moves farther than the input; in place of lipschitz. Certificates take the norms of the rows' differences. Files hold the divided weights.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool UnitRows { get; init; }

    /// <inheritdoc/>
    /// <remarks>Images are flattened before it; the flatten that is implied has the dense layer's place.</remarks>
    internal override int AddTo(GraphBuilder graph, LayerPlace place, int source) =>
        base.AddTo(graph, place, graph.ShapeOf(source) is { Rank: 3 } image ? graph.Add(new FlattenLayer(place, image), source) : source);

    internal override Layer Create(LayerPlace place, Shape input) => DenseLayer.Create(place, input, this);

    internal override LayerOptions Saved() => this with { Lipschitz = false, Orthogonality = 0, UnitRows = false };

    internal override IEnumerable<TensorRule> Tensors(string name) =>
        Bias ? [new($"{name}.weight", 2, Units), new($"{name}.bias", 1, Units)] : [new($"{name}.weight", 2, Units)];
}

/// <summary>Dense layer with an optional bias; a ReLU behind it is folded in.</summary>
internal sealed class DenseLayer : Layer
{
    internal DenseLayer(LayerPlace place, Shape input, DenseOptions options)
        : base(place, input, new Shape(options.Units))
    {
        Units = options.Units;
        BiasLength = options.Bias ? Units : 0;
        IsLipschitz = options.Lipschitz;
        Orthogonality = options.Orthogonality;
        HasUnitRows = options.UnitRows;
        Weight = new Shape(Units, input.Length);
    }

    public int Units { get; }

    /// <summary>[units, inputs].</summary>
    public override Shape Weight { get; }

    public override int BiasLength { get; }

    public override int FanIn => Input.Length;

    public override bool IsLipschitz { get; }

    public override double Orthogonality { get; }

    public override bool HasUnitRows { get; }

    internal override bool TakesRelu => true;

    internal static DenseLayer Create(LayerPlace place, Shape input, DenseOptions options)
    {
        LayerChecks.Range(place, "units", options.Units, 1, 1_048_576);
        LayerChecks.Elements(place, "the weights", options.Units, input.Length);
        if (options is { UnitRows: true, Lipschitz: true })
        {
            throw new ArchitectureException(place, "unitRows and lipschitz", "one of them");
        }

        return new DenseLayer(place, input, options);
    }

    internal override BoundLayer CreateBound(BoundValues values) => new DenseBoundLayer(Input.Length, Units, values.Weight, values.Offsets);

    internal override string Export(LayerExport export, IReadOnlyList<string> inputs) =>
        export.Node("Gemm", export.Linear(inputs[0]), OnnxAttribute.Of("transB", 1));

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network, maxBatch, fusion);

    internal override LayerOperator CreateOperator(ComputeDevice device, int maxBatch) => new Operator(this, device, maxBatch);

    private sealed class Operator(DenseLayer layer, ComputeDevice device, int maxBatch) : LayerOperator(maxBatch)
    {
        private readonly Dense _dense = Dense.Create(device, layer.Input.Length, layer.Units, maxBatch);

        public override Shape Input => layer.Input;

        public override Shape Output => layer.Output;

        public override int Positions => 1;

        public override void Apply(Tensor<float> weight, Tensor<float> x, Tensor<float> y, int count) => _dense.Forward(x, weight, null, false, y, count);

        public override void ApplyTransposed(Tensor<float> weight, Tensor<float> y, Tensor<float> x, int count) => _dense.BackwardInput(y, weight, x, count);

        public override void Outer(Tensor<float> x, Tensor<float> y, Tensor<float> dWeight, int count) => _dense.BackwardWeight(x, y, dWeight, null, count);

        protected override void Dispose(bool disposing) => _dense.Dispose();
    }

    private sealed class Planned(DenseLayer layer, Network network, int maxBatch, Fusion fusion) : PlannedLayer
    {
        private readonly Dense _dense = Dense.Create(network.Device, layer.Input.Length, layer.Units, maxBatch);
        private readonly Relu? _relu = fusion.Relu ? Relu.Create(network.Device) : null;
        private readonly Parameter _weight = network.Weight(layer)!;
        private readonly WeightNorm? _norm = network.Norm(layer);
        private readonly FoldedWeights _folded = new(network, layer, fusion.Norm);
        private readonly Parameter? _bias = network.Bias(layer);

        public override bool IsInPlace => true;

        public override OutputUse OutputUse => _relu is null ? OutputUse.None : OutputUse.Signs;

        public override bool ReadsInputs(PlanPurpose purpose) => purpose == PlanPurpose.Training;

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode)
        {
            _folded.Update();
            _dense.Forward(x[0], _folded.Weight, _folded.Bias, _relu is not null, y, count);
        }

        public override void BackwardActivation(Tensor<float> y, Tensor<float> dy, int count) =>
            _relu?.Backward(y, dy, dy, count * layer.Units);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _dense.BackwardInput(dy, _folded.Weight, dx, count);

        public override void BackwardParameters(Tensor<float>[] x, Tensor<float> dy, int count)
        {
            _dense.BackwardWeight(x[0], dy, _weight.Gradient, _bias?.Gradient, count);
            _norm?.Backward();
        }

        protected override void Dispose(bool disposing)
        {
            _dense.Dispose();
            _folded.Dispose();
            _relu?.Dispose();
        }
    }
}
