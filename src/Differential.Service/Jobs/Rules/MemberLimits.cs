using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Differential.Service.Jobs.Rules;

/// <summary>The bounds that a property's attributes set: of a number (or of each number of a list), of a length, of a text's form.</summary>
internal sealed record MemberLimits
{
    public static MemberLimits None { get; } = new();

    public double Low { get; init; } = double.NegativeInfinity;

    public double High { get; init; } = double.PositiveInfinity;

    public int MinLength { get; init; }

    public int MaxLength { get; init; } = int.MaxValue;

    public string? Pattern { get; init; }

    /// <summary>The pattern in words.</summary>
    public string? PatternText { get; init; }

    /// <summary>The only values that are allowed; null where any is.</summary>
    public IReadOnlyList<object?>? Values { get; init; }

    /// <summary>Whether a bound was set; int.MaxValue stands for none.</summary>
    public bool HasLow => double.IsFinite(Low);

    public bool HasHigh => double.IsFinite(High);

    public static MemberLimits Of(ICustomAttributeProvider? member)
    {
        MemberLimits limits = None;
        foreach (object attribute in member?.GetCustomAttributes(inherit: true) ?? [])
        {
            limits = attribute switch
            {
                RangeAttribute range => limits with { Low = Bound(range.Minimum), High = Bound(range.Maximum) },
                MinLengthAttribute least => limits with { MinLength = least.Length },
                MaxLengthAttribute most => limits with { MaxLength = most.Length },
                AllowedValuesAttribute allowed => limits with { Values = allowed.Values },
                RegularExpressionAttribute form => limits with { Pattern = form.Pattern, PatternText = form.ErrorMessage },
                _ => limits,
            };
        }

        return limits;
    }

    /// <summary>"a number from 0 to 1", "a number of at least 2" or just "a number".</summary>
    public string Describe(string noun) => (HasLow, HasHigh) switch
    {
        (true, true) => $"{noun} from {Text(Low)} to {Text(High)}",
        (true, false) => $"{noun} of at least {Text(Low)}",
        (false, true) => $"{noun} of at most {Text(High)}",
        _ => noun,
    };

    public bool Contains(double value) => value >= Low && value <= High;

    private static double Bound(object bound)
    {
        double value = Convert.ToDouble(bound, CultureInfo.InvariantCulture);
        return value is int.MaxValue or double.MaxValue ? double.PositiveInfinity : value;
    }

    private static string Text(double value) =>
        Math.Abs(value) is < 1e15 and >= 1e-4 or 0
            ? value.ToString("0.###############", CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
}
