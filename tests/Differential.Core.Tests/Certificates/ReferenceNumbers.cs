namespace Differential.Core.Tests.Certificates;

/// <summary>An arithmetic that a network is evaluated in.</summary>
internal abstract class ReferenceNumbers<T>
{
    public abstract T Of(double value);

    /// <summary>Σ factor·value + Σ terms.</summary>
    public abstract T Sum(IReadOnlyList<(T Factor, T Value)> products, IReadOnlyList<T> terms);

    /// <summary>The same of an output of a dense layer, whose sums may have an order of their own.</summary>
    public virtual T SumOfRow(IReadOnlyList<(T Factor, T Value)> products, IReadOnlyList<T> terms) => Sum(products, terms);

    public abstract T Subtract(T a, T b);

    public abstract T Multiply(T a, T b);

    /// <summary>The mean of 2^n values.</summary>
    public abstract T Mean(IReadOnlyList<T> values);

    public abstract bool IsLess(T a, T b);
}

internal sealed class ExactNumbers : ReferenceNumbers<Dyadic>
{
    public override Dyadic Of(double value) => Dyadic.Of(value);

    public override Dyadic Sum(IReadOnlyList<(Dyadic Factor, Dyadic Value)> products, IReadOnlyList<Dyadic> terms) =>
        products.Select(static product => product.Factor * product.Value).Concat(terms).Aggregate(default(Dyadic), static (sum, term) => sum + term);

    public override Dyadic Subtract(Dyadic a, Dyadic b) => a - b;

    public override Dyadic Multiply(Dyadic a, Dyadic b) => a * b;

    public override Dyadic Mean(IReadOnlyList<Dyadic> values)
    {
        Dyadic sum = values.Aggregate(static (a, b) => a + b);
        return sum with { Exponent = sum.Exponent - (int)Math.Log2(values.Count) };
    }

    public override bool IsLess(Dyadic a, Dyadic b) => (a - b).Sign < 0;
}

/// <summary>
/// float32, each sum in an order of its own: one after another or as a tree, with fused multiply-adds or without; the negative products before the positive
/// ones, so that partial sums are large; or always the product next whose rounding errs most to one side.
/// </summary>
internal sealed class FloatNumbers(RandomStream random) : ReferenceNumbers<float>
{
    private readonly int _side = random.NextInt32(2) == 0 ? -1 : 1;

    public override float Of(double value) => (float)value;

    public override float Sum(IReadOnlyList<(float Factor, float Value)> products, IReadOnlyList<float> terms)
    {
        (float Factor, float Value)[] all = [.. products, .. terms.Select(static term => (1f, term))];
        random.Shuffle<(float, float)>(all);
        return random.NextInt32(6) switch
        {
            0 => all.Aggregate(0f, static (sum, product) => MathF.FusedMultiplyAdd(product.Factor, product.Value, sum)),
            1 => all.Aggregate(0f, static (sum, product) => sum + (product.Factor * product.Value)),
            2 => all.OrderBy(static product => product.Factor * product.Value).Aggregate(0f, static (sum, product) => sum + (product.Factor * product.Value)),
            3 => Tree(all),
            4 => all.OrderByDescending(static product => product.Factor * product.Value).Aggregate(0f, static (sum, product) => MathF.FusedMultiplyAdd(product.Factor, product.Value, sum)),
            _ => Worst([.. all]),
        };
    }

    public override float Subtract(float a, float b) => a - b;

    public override float Multiply(float a, float b) => a * b;

    public override float Mean(IReadOnlyList<float> values) => Sum([.. values.Select(static value => (1f, value))], []) * (1f / values.Count);

    public override bool IsLess(float a, float b) => a < b;

    private float Worst(List<(float Factor, float Value)> left)
    {
        float sum = 0;
        while (left.Count > 0)
        {
            (float Factor, float Value) next = left.MaxBy(product => _side * (MathF.FusedMultiplyAdd(product.Factor, product.Value, sum) - (((double)product.Factor * product.Value) + sum)));
            sum = MathF.FusedMultiplyAdd(next.Factor, next.Value, sum);
            left.Remove(next);
        }

        return sum;
    }

    private static float Tree(ReadOnlySpan<(float Factor, float Value)> products) => products.Length == 1
        ? products[0].Factor * products[0].Value
        : Tree(products[..(products.Length / 2)]) + Tree(products[(products.Length / 2)..]);
}

/// <summary>A float64 value with its gradient by the network's inputs.</summary>
internal sealed class GradientNumbers(int inputs) : ReferenceNumbers<(double Value, double[] Gradient)>
{
    private readonly double[] _zero = new double[inputs];

    public override (double Value, double[] Gradient) Of(double value) => (value, _zero);

    public (double Value, double[] Gradient) Input(double value, int index)
    {
        var gradient = new double[inputs];
        gradient[index] = 1;
        return (value, gradient);
    }

    public override (double Value, double[] Gradient) Sum(IReadOnlyList<((double Value, double[] Gradient) Factor, (double Value, double[] Gradient) Value)> products, IReadOnlyList<(double Value, double[] Gradient)> terms)
    {
        double sum = 0;
        var gradient = new double[inputs];
        foreach (((double factor, _), (double value, double[] own)) in products)
        {
            sum += factor * value;
            for (int i = 0; i < inputs; i++)
            {
                gradient[i] += factor * own[i];
            }
        }

        return (sum + terms.Sum(static term => term.Value), gradient);
    }

    public override (double Value, double[] Gradient) Subtract((double Value, double[] Gradient) a, (double Value, double[] Gradient) b) =>
        (a.Value - b.Value, [.. a.Gradient.Zip(b.Gradient, static (x, y) => x - y)]);

    public override (double Value, double[] Gradient) Multiply((double Value, double[] Gradient) a, (double Value, double[] Gradient) b) =>
        (a.Value * b.Value, [.. a.Gradient.Select(value => value * b.Value)]);

    public override (double Value, double[] Gradient) Mean(IReadOnlyList<(double Value, double[] Gradient)> values) =>
        Sum([.. values.Select(value => (Of(1.0 / values.Count), value))], []);

    public override bool IsLess((double Value, double[] Gradient) a, (double Value, double[] Gradient) b) => a.Value < b.Value;
}
