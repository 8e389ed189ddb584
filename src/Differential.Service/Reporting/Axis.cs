using System.Globalization;

namespace Differential.Service.Reporting;

/// <summary>How an axis divides its range.</summary>
public enum AxisScale
{
    Linear,

    /// <summary>Decades; values must be positive.</summary>
    Logarithmic,
}

/// <summary>An axis from <see cref="Low"/> to <see cref="High"/> with round ticks.</summary>
internal sealed class Axis
{
    private Axis(double low, double high, AxisScale scale, IReadOnlyList<double> ticks, bool percent)
    {
        Low = low;
        High = high;
        Scale = scale;
        Ticks = ticks;
        Percent = percent;
    }

    public double Low { get; }

    public double High { get; }

    public AxisScale Scale { get; }

    public IReadOnlyList<double> Ticks { get; }

    public bool Percent { get; }

    /// <summary>An axis that holds all finite values; with <paramref name="percent"/> from 0 to 1.</summary>
    public static Axis Over(IEnumerable<double> values, AxisScale scale, bool percent)
    {
        List<double> finite = [.. values.Where(v => double.IsFinite(v) && (scale == AxisScale.Linear || v > 0))];
        if (percent)
        {
            return new Axis(0, 1, AxisScale.Linear, [0, 0.2, 0.4, 0.6, 0.8, 1], true);
        }

        (double low, double high) = finite.Count == 0 ? (scale == AxisScale.Linear ? (0, 1) : (1, 10)) : (finite.Min(), finite.Max());
        return scale == AxisScale.Linear ? Linear(low, high) : Logarithmic(low, high);
    }

    /// <summary>Where a value lies: 0 at the low end, 1 at the high end.</summary>
    public double Position(double value) => Scale == AxisScale.Linear
        ? (value - Low) / (High - Low)
        : Math.Log(value / Low) / Math.Log(High / Low);

    public string Label(double tick) => Percent
        ? (100 * tick).ToString("0", CultureInfo.InvariantCulture) + " %"
        : Html.Figure(tick);

    private static Axis Linear(double low, double high)
    {
        if (high - low < 1e-12 * Math.Max(1, Math.Abs(high)))
        {
            double pad = Math.Max(0.5, Math.Abs(high) * 0.1);
            (low, high) = (low - pad, high + pad);
        }

        double raw = (high - low) / 5;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * ((raw / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
        long first = (long)Math.Floor(low / step);
        long last = (long)Math.Ceiling(high / step);
        var ticks = new List<double>();
        for (long i = first; i <= last; i++)
        {
            ticks.Add(i * step);
        }

        return new Axis(ticks[0], ticks[^1], AxisScale.Linear, ticks, false);
    }

    private static Axis Logarithmic(double low, double high)
    {
        int first = (int)Math.Floor(Math.Log10(low) + 1e-9);
        int last = Math.Max(first + 1, (int)Math.Ceiling(Math.Log10(high) - 1e-9));
        int stride = Math.Max(1, (last - first) / 8);
        var ticks = new List<double>();
        for (int power = first; power <= last; power += stride)
        {
            ticks.Add(Math.Pow(10, power));
        }

        return new Axis(Math.Pow(10, first), Math.Pow(10, last), AxisScale.Logarithmic, ticks, false);
    }
}
