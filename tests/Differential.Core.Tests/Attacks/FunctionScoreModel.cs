using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>A score of one feature that is written out with its derivative.</summary>
internal sealed class FunctionScoreModel(Func<double, double> score, Func<double, double> derivative, int maxBatch = 64) : HostScoreModel(new Shape(1), maxBatch)
{
    public override float Score(ReadOnlySpan<float> x) => (float)score(x[0]);

    protected override void Gradient(ReadOnlySpan<float> x, float slope, Span<float> gradient) => gradient[0] = (float)(slope * derivative(x[0]));
}
