namespace Differential.Core.Tests.Certificates;

/// <summary>An arithmetic that a network is evaluated in.</summary>
internal abstract class ReferenceNumbers<T>
{
    public abstract T Of(double value);

    /// <summary>Σ factor·value + Σ terms.</summary>
    public abstract T Sum(ReadOnlySpan<T> factors, ReadOnlySpan<T> values, ReadOnlySpan<T> terms);

    /// <summary>The same of an output of a dense layer, whose sums may have an order of their own.</summary>
    public virtual T SumOfRow(ReadOnlySpan<T> factors, ReadOnlySpan<T> values, ReadOnlySpan<T> terms) => Sum(factors, values, terms);

    public abstract T Subtract(T a, T b);

    public abstract T Multiply(T a, T b);

    /// <summary>The mean of 2^n values.</summary>
    public abstract T Mean(ReadOnlySpan<T> values);

    public abstract bool IsLess(T a, T b);
}

internal sealed class ExactNumbers : ReferenceNumbers<Dyadic>
{
    public override Dyadic Of(double value) => Dyadic.Of(value);

    public override Dyadic Sum(ReadOnlySpan<Dyadic> factors, ReadOnlySpan<Dyadic> values, ReadOnlySpan<Dyadic> terms)
    {
        Dyadic sum = default;
        for (int i = 0; i < factors.Length; i++)
        {
            sum += factors[i] * values[i];
        }

        foreach (Dyadic term in terms)
        {
            sum += term;
        }

        return sum;
    }

    public override Dyadic Subtract(Dyadic a, Dyadic b) => a - b;

    public override Dyadic Multiply(Dyadic a, Dyadic b) => a * b;

    public override Dyadic Mean(ReadOnlySpan<Dyadic> values)
    {
        Dyadic sum = Sum([], [], values);
        return sum with { Exponent = sum.Exponent - (int)Math.Log2(values.Length) };
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
    private (float Factor, float Value)[] _products = [];
    private float[] _sizes = [];

    public override float Of(double value) => (float)value;

    public override float Sum(ReadOnlySpan<float> factors, ReadOnlySpan<float> values, ReadOnlySpan<float> terms)
    {
        Span<(float Factor, float Value)> all = Products(factors, values, terms);
        random.Shuffle(all);
        return random.NextInt32(6) switch
        {
            0 => Fused(all),
            1 => Plain(all),
            2 => Plain(Sorted(all)),
            3 => Tree(all),
            4 => Fused(Reversed(Sorted(all))),
            _ => Worst(all),
        };
    }

    public override float Subtract(float a, float b) => a - b;

    public override float Multiply(float a, float b) => a * b;

    public override float Mean(ReadOnlySpan<float> values) => Sum([], [], values) * (1f / values.Length);

    public override bool IsLess(float a, float b) => a < b;

    private Span<(float Factor, float Value)> Products(ReadOnlySpan<float> factors, ReadOnlySpan<float> values, ReadOnlySpan<float> terms)
    {
        int count = factors.Length + terms.Length;
        if (_products.Length < count)
        {
            _products = new (float, float)[count];
            _sizes = new float[count];
        }

        for (int i = 0; i < count; i++)
        {
            _products[i] = i < factors.Length ? (factors[i], values[i]) : (1, terms[i - factors.Length]);
        }

        return _products.AsSpan(0, count);
    }

    private static float Fused(ReadOnlySpan<(float Factor, float Value)> products)
    {
        float sum = 0;
        foreach ((float factor, float value) in products)
        {
            sum = MathF.FusedMultiplyAdd(factor, value, sum);
        }

        return sum;
    }

    private static float Plain(ReadOnlySpan<(float Factor, float Value)> products)
    {
        float sum = 0;
        foreach ((float factor, float value) in products)
        {
            sum += factor * value;
        }

        return sum;
    }

    /// <summary>By the products, the smallest first.</summary>
    private Span<(float Factor, float Value)> Sorted(Span<(float Factor, float Value)> products)
    {
        Span<float> sizes = _sizes.AsSpan(0, products.Length);
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = products[i].Factor * products[i].Value;
        }

        sizes.Sort(products);
        return products;
    }

    private static Span<(float Factor, float Value)> Reversed(Span<(float Factor, float Value)> products)
    {
        products.Reverse();
        return products;
    }

    private float Worst(Span<(float Factor, float Value)> left)
    {
        float sum = 0;
        for (; left.Length > 0; left = left[1..])
        {
            (int next, double most) = (0, double.NegativeInfinity);
            for (int i = 0; i < left.Length; i++)
            {
                (float factor, float value) = left[i];
                double error = _side * (MathF.FusedMultiplyAdd(factor, value, sum) - (((double)factor * value) + sum));
                (next, most) = error > most ? (i, error) : (next, most);
            }

            sum = MathF.FusedMultiplyAdd(left[next].Factor, left[next].Value, sum);
            left[next] = left[0];
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

    public override (double Value, double[] Gradient) Sum(
        ReadOnlySpan<(double Value, double[] Gradient)> factors, ReadOnlySpan<(double Value, double[] Gradient)> values, ReadOnlySpan<(double Value, double[] Gradient)> terms)
    {
        double sum = 0;
        var gradient = new double[inputs];
        for (int k = 0; k < factors.Length; k++)
        {
            double factor = factors[k].Value;
            (double value, double[] own) = values[k];
            sum += factor * value;
            for (int i = 0; i < gradient.Length; i++)
            {
                gradient[i] += factor * own[i];
            }
        }

        foreach ((double value, _) in terms)
        {
            sum += value;
        }

        return (sum, gradient);
    }

    public override (double Value, double[] Gradient) Subtract((double Value, double[] Gradient) a, (double Value, double[] Gradient) b) =>
        (a.Value - b.Value, [.. a.Gradient.Zip(b.Gradient, static (x, y) => x - y)]);

    public override (double Value, double[] Gradient) Multiply((double Value, double[] Gradient) a, (double Value, double[] Gradient) b) =>
        (a.Value * b.Value, [.. a.Gradient.Select(value => value * b.Value)]);

    public override (double Value, double[] Gradient) Mean(ReadOnlySpan<(double Value, double[] Gradient)> values)
    {
        var factors = new (double Value, double[] Gradient)[values.Length];
        Array.Fill(factors, Of(1.0 / values.Length));
        return Sum(factors, values, []);
    }

    public override bool IsLess((double Value, double[] Gradient) a, (double Value, double[] Gradient) b) => a.Value < b.Value;
}
