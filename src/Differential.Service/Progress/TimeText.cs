using System.Globalization;

namespace Differential.Service.Progress;

/// <summary>Lengths of time for people.</summary>
public static class TimeText
{
    private const double Minute = 60;
    private const double Hour = 60 * Minute;
    private const double Day = 24 * Hour;

    /// <summary>One number and its unit, rounded: an estimate is no more exact than that.</summary>
    public static string Round(double seconds) => seconds switch
    {
        < 10 => Text(Math.Max(1, Math.Ceiling(seconds)), "s"),
        < 1.5 * Minute => Text(5 * Math.Ceiling(seconds / 5), "s"),
        < 1.5 * Hour => Text(Math.Round(seconds / Minute), "min"),
        < 2 * Day => Text(Math.Round(seconds / Hour), "h"),
        _ => Text(Math.Round(seconds / Day), "days"),
    };

    /// <summary>A time that was measured: "0.42 s", "34.2 s", "4 min 05 s", "3 h 12 min".</summary>
    public static string Exact(double seconds)
    {
        if (!double.IsFinite(seconds))
        {
            return "-";
        }

        return seconds switch
        {
            < 1 => seconds.ToString("0.00", CultureInfo.InvariantCulture) + " s",
            < Minute => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
            < Hour => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / Minute):0} min {Math.Floor(seconds % Minute):00} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / Hour):0} h {Math.Floor(seconds % Hour / Minute):00} min"),
        };
    }

    private static string Text(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number:0} {unit}");
}
