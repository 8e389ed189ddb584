namespace Differential.Service.Reporting;

/// <summary>How an axis divides its range.</summary>
public enum AxisScale
{
    Linear,

    /// <summary>Decades; values must be positive.</summary>
    Logarithmic,
}

/// <summary>What an axis counts.</summary>
public enum AxisUnit
{
    /// <summary>Numbers as they are.</summary>
    Plain,

    /// <summary>Shares from 0 to 1, as percentages; the axis has all of them.</summary>
    Share,

    /// <summary>Whole numbers, such as epochs.</summary>
    Whole,

    /// <summary>255ths, as images have them: values are multiplied by 255, and a point is written "4/255".</summary>
    Pixels,
}

/// <summary>An axis from <see cref="Low"/> to <see cref="High"/> with round ticks.</summary>
internal sealed class Axis
{
    private const int PixelSteps = 255;

    private Axis(double low, double high, AxisScale scale, AxisUnit unit, IReadOnlyList<double> ticks)
    {
        (Low, High, Scale, Unit, Ticks) = (low, high, scale, unit, ticks);
    }

    /// <summary>In the axis's own unit, as <see cref="High"/> and <see cref="Ticks"/>.</summary>
    public double Low { get; }

    public double High { get; }

    public AxisScale Scale { get; }

    public AxisUnit Unit { get; }

    public IReadOnlyList<double> Ticks { get; }

    /// <summary>An axis that holds all values that can be drawn.</summary>
    public static Axis Over(IEnumerable<double> values, AxisScale scale = AxisScale.Linear, AxisUnit unit = AxisUnit.Plain)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (unit == AxisUnit.Share)
        {
            return new Axis(0, 1, AxisScale.Linear, unit, [0, 0.2, 0.4, 0.6, 0.8, 1]);
        }

        double factor = unit == AxisUnit.Pixels ? PixelSteps : 1;
        List<double> drawn = [.. values.Where(value => double.IsFinite(value) && (scale == AxisScale.Linear || value > 0)).Select(value => factor * value)];
        (double low, double high) = drawn.Count == 0 ? (scale == AxisScale.Linear ? (0, 1) : (1, 10)) : (drawn.Min(), drawn.Max());
        return scale == AxisScale.Linear ? Linear(low, high, unit) : Logarithmic(low, high, unit);
    }

    /// <summary>Exactly from <paramref name="low"/> to <paramref name="high"/>, with the round ticks between.</summary>
    public static Axis Between(double low, double high)
    {
        Axis around = Linear(low, high, AxisUnit.Plain);
        return new Axis(low, high, AxisScale.Linear, AxisUnit.Plain, [.. around.Ticks.Where(tick => tick >= low && tick <= high)]);
    }

    /// <summary>Whether a value has a place on the axis.</summary>
    public bool Holds(double value) => double.IsFinite(value) && (Scale == AxisScale.Linear || value > 0);

    /// <summary>Where a value lies: 0 at the low end, 1 at the high end.</summary>
    public double Position(double value) => Of(Unit == AxisUnit.Pixels ? PixelSteps * value : value);

    /// <summary>Where a tick lies.</summary>
    public double Of(double tick) => Scale == AxisScale.Linear
        ? (tick - Low) / (High - Low)
        : Math.Log(tick / Low) / Math.Log(High / Low);

    /// <summary>A tick's label.</summary>
    public string Label(double tick) => Unit == AxisUnit.Share ? Html.Number(100 * tick) + " %" : Numbers.Figure(Math.Abs(tick) < 1e-9 * (High - Low) ? 0 : tick);

    /// <summary>A value of a point, for people.</summary>
    public string Text(double value) => Unit switch
    {
        AxisUnit.Share => Numbers.Share(value),
        AxisUnit.Pixels => Numbers.Budget(value),
        _ => Numbers.Figure(value),
    };

    private static Axis Linear(double low, double high, AxisUnit unit)
    {
        if (high - low < 1e-12 * Math.Max(1, Math.Abs(high)))
        {
            double pad = unit == AxisUnit.Whole ? 1 : Math.Max(0.5, Math.Abs(high) * 0.1);
            (low, high) = (low - (unit == AxisUnit.Whole ? 0 : pad), high + pad);
        }

        double raw = (high - low) / 5;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * ((raw / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
        if (unit is AxisUnit.Whole or AxisUnit.Pixels)
        {
            step = Math.Max(1, Math.Round(step));
        }

        long first = (long)Math.Floor((low / step) + 1e-9);
        long last = (long)Math.Ceiling((high / step) - 1e-9);
        var ticks = new List<double>();
        for (long i = first; i <= last; i++)
        {
            ticks.Add(i * step);
        }

        // Epochs begin at the first one, not at the round number before it.
        return unit == AxisUnit.Whole && ticks[0] < low
            ? new Axis(low, Math.Max(high, low + 1), AxisScale.Linear, unit, [.. ticks.Where(tick => tick >= low && tick <= high)])
            : new Axis(ticks[0], ticks[^1], AxisScale.Linear, unit, ticks);
    }

    private static Axis Logarithmic(double low, double high, AxisUnit unit)
    {
        int first = (int)Math.Floor(Math.Log10(low) + 1e-9);
        int last = Math.Max(first + 1, (int)Math.Ceiling(Math.Log10(high) - 1e-9));
        int stride = Math.Max(1, (last - first) / 6);
        var ticks = new List<double>();
        for (int power = first; power <= last; power += stride)
        {
            ticks.Add(Math.Pow(10, power));
        }

        return new Axis(Math.Pow(10, first), Math.Pow(10, last), AxisScale.Logarithmic, unit, ticks);
    }
}
