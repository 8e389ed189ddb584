
using Differential.Core.Tests.Attacks;

namespace Differential.Core.Tests.Checks;

/// <summary>A linear score that decides honestly and whose gradient is multiplied by a factor that may mislead: below 0 it points away.</summary>
internal sealed class DeceivingScoreModel(LinearProblem problem, Func<float[], float> factor, Func<float[], float>? scoreFactor = null)
    : HostScoreModel(problem.Data.SampleShape, maxBatch: 32)
{
    private readonly double _bias = problem.Bias - 0.0625;

    public override float Score(ReadOnlySpan<float> x)
    {
        double sum = _bias;
        for (int i = 0; i < x.Length; i++)
        {
            sum += (double)problem.Weight[i] * x[i];
        }

        return (float)sum * (scoreFactor?.Invoke(x.ToArray()) ?? 1);
    }

    protected override void Gradient(ReadOnlySpan<float> x, float slope, Span<float> gradient)
    {
        float share = factor(x.ToArray());
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = slope * share * problem.Weight[i];
        }
    }
}

/// <summary>|L + w/2| − w/2 of a linear score L: the other class is decided within a window of width w alone, which coarse steps jump over.</summary>
internal sealed class WindowScoreModel(LinearProblem problem, float width) : HostScoreModel(problem.Data.SampleShape, maxBatch: 32)
{
    public override float Score(ReadOnlySpan<float> x) => MathF.Abs(Linear(x) + (width / 2)) - (width / 2);

    protected override void Gradient(ReadOnlySpan<float> x, float slope, Span<float> gradient)
    {
        float side = Linear(x) + (width / 2) >= 0 ? slope : -slope;
        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = side * problem.Weight[i];
        }
    }

    private float Linear(ReadOnlySpan<float> x)
    {
        double sum = problem.Bias - 0.0625;
        for (int i = 0; i < x.Length; i++)
        {
            sum += (double)problem.Weight[i] * x[i];
        }

        return (float)sum;
    }
}
