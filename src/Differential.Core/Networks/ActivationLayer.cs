using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

/// <summary>A function of each element. Clipping has bounds; the smooth functions have none.</summary>
internal sealed class ActivationLayer : ImportedLayer
{
    private readonly float _a;
    private readonly float _b;

    /// <param name="place">The layer's place.</param>
    /// <param name="input">Shape of one sample.</param>
    /// <param name="kind">The function.</param>
    /// <param name="a">Its first constant.</param>
    /// <param name="b">Its second constant.</param>
    internal ActivationLayer(LayerPlace place, Shape input, ActivationKind kind, float a, float b)
        : base(place, input, input) => (Kind, _a, _b) = (kind, a, b);

    public ActivationKind Kind { get; }

    internal override BoundLayer? CreateBound(BoundValues values) => Kind == ActivationKind.Clip ? new ClipBound(Input.Length, _a, _b) : null;

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network.Device);

    private sealed class Planned(ActivationLayer layer, ComputeDevice device) : PlannedLayer
    {
        private readonly Activation _activation = Activation.Create(device, layer.Kind, layer._a, layer._b);

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode) => _activation.Forward(x[0], y, count * layer.Input.Length);

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _activation.Backward(x[0], dy, dx, count * layer.Input.Length);

        protected override void Dispose(bool disposing) => _activation.Dispose();
    }

    /// <summary>z within [floor, ceiling], else the nearer end.</summary>
    private sealed class ClipBound(int length, double floor, double ceiling) : PiecewiseBoundLayer(length, length)
    {
        public override bool IsListed => false;

        public override int Functions => Inputs;

        public override Box Propagate(Box box) => new([.. box.Low.Select(Value)], [.. box.High.Select(Value)]);

        public override void Function(int index, double sign, double[] row) => row[index] = sign;

        public override Box FunctionBounds(Box box) => box;

        public override double Relax(double[] y, Box bounds, double[] x)
        {
            double constant = 0;
            for (int i = 0; i < x.Length; i++)
            {
                (double slope, double shift) = y[i] >= 0 ? Below(bounds.Low[i], bounds.High[i]) : Above(bounds.Low[i], bounds.High[i]);
                x[i] = y[i] * slope;
                constant += y[i] * shift;
            }

            return constant;
        }

        /// <summary>A line that is nowhere above the function for z in [low, high].</summary>
        private (double Slope, double Constant) Below(double low, double high)
        {
            if (high <= ceiling)
            {
                // max(z, floor): the nearer of its two lines.
                return low >= floor || (high > floor && high - floor > floor - low) ? (1, 0) : (0, floor);
            }

            return low >= ceiling ? (0, ceiling) : Through(Math.Max(low, floor), Value(low), high, ceiling);
        }

        /// <summary>The same, nowhere below it.</summary>
        private (double Slope, double Constant) Above(double low, double high)
        {
            if (low >= floor)
            {
                // min(z, ceiling).
                return high <= ceiling || (low < ceiling && ceiling - low > high - ceiling) ? (1, 0) : (0, ceiling);
            }

            return high <= floor ? (0, floor) : Through(low, floor, Math.Min(high, ceiling), Value(high));
        }

        private static (double Slope, double Constant) Through(double x0, double y0, double x1, double y1)
        {
            double slope = (y1 - y0) / (x1 - x0);
            return (slope, y0 - (slope * x0));
        }

        private double Value(double z) => Math.Clamp(z, floor, ceiling);
    }
}
