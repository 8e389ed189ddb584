using Differential.Core.Decisions;
using Differential.Core.Networks;

namespace Differential.Core.Tests.Certificates;

/// <summary>Looks for flips of a case by steps along gradients in float64, and decides on them exactly.</summary>
internal sealed class FlipSearch
{
    private const int Steps = 4;
    private const int Attempts = 5;
    private const int Orders = 3;

    private readonly CertificateCase _case;
    private readonly ReferenceNetwork _network;
    private readonly ExactNumbers _exact = new();
    private readonly RandomStream _random;
    private readonly Dictionary<AttackNorm, (double[]? Flip, double Distance)> _found = [];
    private readonly bool _isFlipped;

    public FlipSearch(CertificateCase test, int number)
    {
        _case = test;
        _network = new ReferenceNetwork(test.Network);
        _random = new RandomStream(13, "flip search", number);
        _isFlipped = IsFlipped([.. test.Sample.Select(static value => (double)value)]);
        foreach (AttackNorm norm in test.Norms)
        {
            _found[norm] = Search(norm);
        }
    }

    /// <summary>The nearest flip that was found, ∞ for none, and what is wrong with a certificate.</summary>
    public (double Found, string? Fault) Look(AttackNorm norm, double radius, Arithmetic arithmetic)
    {
        if (double.IsNaN(radius) || radius < 0)
        {
            return (double.PositiveInfinity, $"a certificate of {radius}");
        }

        if (radius > 0 && _isFlipped)
        {
            return (0, $"{radius} is certified of a sample that is flipped");
        }

        (double[]? flip, double distance) = _found[norm];
        if (flip is null)
        {
            return (double.PositiveInfinity, null);
        }

        return IsWithin(flip, norm, radius) ? (distance, $"{radius:R} is certified, a flip lies at {distance:R}") : (distance, Float32(flip, norm, distance, radius, arithmetic));
    }

    /// <summary>The sample, and float32 inputs at the certified distance towards the flip: no order that the certificate speaks of may flip them.</summary>
    private string? Float32(double[] flip, AttackNorm norm, double distance, double radius, Arithmetic arithmetic)
    {
        for (int attempt = 0; attempt < Attempts && radius > 0; attempt++)
        {
            float[] x = attempt == 0 ? _case.Sample : Beside(flip, radius / distance, attempt);
            if (attempt > 0 && !IsWithin([.. x.Select(static value => (double)value)], norm, radius))
            {
                continue;
            }

            if (arithmetic == Arithmetic.Rounded && _case.IsFlippedOnDevice(x))
            {
                return $"{radius:R} is certified; on the device an input within it is flipped";
            }

            for (int order = 0; order < Orders; order++)
            {
                ReferenceNumbers<float> numbers = arithmetic == Arithmetic.Rounded ? new DeviceNumbers(_random) : new FloatNumbers(_random);
                if (ReferenceNetwork.IsFlipped(numbers, _network.Scores(numbers, x), _case.Label))
                {
                    return $"{radius:R} is certified; in float32 an input within it is flipped";
                }
            }
        }

        return null;
    }

    /// <summary>A share of the way to the flip, less some roundings; the later ones with elements one float32 up or down.</summary>
    private float[] Beside(double[] flip, double share, int attempt)
    {
        double way = share * (1 - (attempt * 1e-7));
        float[] x = [.. _case.Sample.Select((value, i) => (float)(value + (way * (flip[i] - value))))];
        for (int i = 0; i < x.Length && attempt > 2; i++)
        {
            x[i] = _random.NextInt32(3) switch { 0 => MathF.BitIncrement(x[i]), 1 => MathF.BitDecrement(x[i]), _ => x[i] };
        }

        return x;
    }

    private (double[]? Flip, double Distance) Search(AttackNorm norm)
    {
        double[] x = [.. _case.Sample.Select(static value => (double)value)];
        var numbers = new GradientNumbers(x.Length);
        for (int step = 0; step < Steps; step++)
        {
            (double Value, double[] Gradient)[] scores = _network.Scores(numbers, [.. x.Select((value, i) => numbers.Input(value, i))]);
            (double margin, double[] gradient) = Margins(numbers, scores).MinBy(entry => Math.Abs(entry.Value) / (Dual(entry.Gradient, norm) + double.Epsilon));
            double dual = Dual(gradient, norm);
            if (dual == 0)
            {
                return (null, double.PositiveInfinity);
            }

            double move = Math.Max(margin, 0) / dual * (1 + (step == 0 ? 1e-9 : 1e-4));
            int largest = Array.IndexOf(gradient, gradient.MaxBy(Math.Abs));
            for (int i = 0; i < x.Length; i++)
            {
                x[i] -= move * norm switch { AttackNorm.L2 => gradient[i] / dual, AttackNorm.Linf => Math.Sign(gradient[i]), _ => i == largest ? Math.Sign(gradient[i]) : 0 };
            }

            if (IsFlipped(x))
            {
                double[] offset = [.. x.Zip(_case.Sample, static (a, b) => a - b)];
                return (x, norm switch { AttackNorm.L2 => Math.Sqrt(offset.Sum(static value => value * value)), AttackNorm.Linf => offset.Max(Math.Abs), _ => offset.Sum(Math.Abs) });
            }
        }

        return (null, double.PositiveInfinity);
    }

    private IEnumerable<(double Value, double[] Gradient)> Margins(GradientNumbers numbers, (double Value, double[] Gradient)[] scores) => scores.Length == 1
        ? [numbers.Multiply(scores[0], numbers.Of(_case.Label))]
        : scores.Where((_, other) => other != _case.Label).Select(score => numbers.Subtract(scores[_case.Label], score));

    private bool IsFlipped(double[] x) => ReferenceNetwork.IsFlipped(_exact, _network.Scores(_exact, [.. x.Select(Dyadic.Of)]), _case.Label);

    /// <summary>Whether a point lies within a distance of the sample, exactly.</summary>
    private bool IsWithin(double[] x, AttackNorm norm, double radius)
    {
        if (double.IsPositiveInfinity(radius))
        {
            return true;
        }

        Dyadic[] offset = [.. x.Zip(_case.Sample, static (a, b) => (Dyadic.Of(a) - Dyadic.Of(b)).Absolute())];
        Dyadic limit = Dyadic.Of(radius);
        return norm switch
        {
            AttackNorm.L2 => !_exact.IsLess(limit * limit, offset.Aggregate(default(Dyadic), static (sum, value) => sum + (value * value))),
            AttackNorm.Linf => offset.All(value => !_exact.IsLess(limit, value)),
            _ => !_exact.IsLess(limit, offset.Aggregate(default(Dyadic), static (sum, value) => sum + value)),
        };
    }

    private static double Dual(double[] gradient, AttackNorm norm) =>
        norm switch { AttackNorm.L2 => Math.Sqrt(gradient.Sum(static value => value * value)), AttackNorm.Linf => gradient.Sum(Math.Abs), _ => gradient.Max(Math.Abs) };
}
