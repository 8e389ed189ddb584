using System.Globalization;
using Differential.Core.Decisions;

namespace Differential.Core.Attacks;

/// <summary>What files call the attacks of a run.</summary>
internal static class AttackNames
{
    /// <summary>
    /// <c>KIND.NORM.EPSILON</c> for each, <c>KIND.NORM</c> without a budget; a second one of that name ends in <c>#2</c>.
    /// </summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<AttackResult> attacks)
    {
        ArgumentNullException.ThrowIfNull(attacks);
        var taken = new HashSet<string>();
        return [.. attacks.Select(attack =>
        {
            string epsilon = attack.Epsilon is double value ? "." + value.ToString("R", CultureInfo.InvariantCulture) : string.Empty;
            string name = $"{attack.Kind}.{attack.Norm.Text()}{epsilon}";
            string free = name;
            for (int i = 2; !taken.Add(free); i++)
            {
                free = $"{name}#{i}";
            }

            return free;
        })];
    }
}
