using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Networks;

/// <summary>
/// A convex combination a·x₀ + (1 − a)·x₁ of two outputs of one shape. It stretches distances by no more than the larger of what its inputs do:
/// what a <see cref="ResidualOptions"/> with a share ends with.
/// </summary>
internal sealed class MixLayer : Layer
{
    private MixLayer(LayerPlace place, Shape input, float share)
        : base(place, input, input)
    {
        Shares = [share, 1 - share];
    }

    /// <summary>The factors of the two inputs, in float32: the block's layers first.</summary>
    public IReadOnlyList<float> Shares { get; }

    internal static MixLayer Create(LayerPlace place, Shape input, double share) =>
        share is >= 0.001 and <= 0.999 ? new MixLayer(place, input, (float)share) : throw new ArchitectureException(place, $"share is {share}", "0.001 to 0.999");

    internal override BoundLayer CreateBound(BoundValues values) => new MixBoundLayer(Output.Length, Shares);

    internal override string Export(LayerExport export, IReadOnlyList<string> inputs)
    {
        IReadOnlyList<int> dimensions = LayerExport.Dimensions(Output);
        string[] parts = [.. inputs.Select((input, i) => export.Inner("Mul", $"part{i}", [input, export.Constant($"share{i}", new Shape(), [Shares[i]])], dimensions))];
        return export.Node("Add", parts);
    }

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network.Device, maxBatch);

    private sealed class Planned : PlannedLayer
    {
        private readonly OwnedResources _owned = new();
        private readonly RowArithmetic _rows;
        private readonly Tensor<float>[] _shares;
        private readonly Tensor<float> _nothing;

        public Planned(MixLayer layer, ComputeDevice device, int maxBatch)
        {
            try
            {
                _rows = _owned.Add(RowArithmetic.Create(device, layer.Output.Length, maxBatch));
                _shares = [.. layer.Shares.Select(Constant)];
                _nothing = Constant(0);
            }
            catch
            {
                _owned.Dispose();
                throw;
            }

            Tensor<float> Constant(float value)
            {
                Tensor<float> tensor = _owned.Add(device.Allocate(new Shape(maxBatch)));
                tensor.Fill(value);
                return tensor;
            }
        }

        public override OutputUse OutputUse => OutputUse.None;

        public override bool ReadsInputs(PlanPurpose purpose) => false;

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) => _rows.Combine(_shares[0], x[0], _shares[1], x[1], y, count);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _rows.Combine(_shares[input], dy, _nothing, dy, dx, count);

        protected override void Dispose(bool disposing) => _owned.Dispose();
    }
}
