
using Differential.Core.Attacks;
using Differential.Core.Decisions;

namespace Differential.Core.Certificates;

/// <summary>
/// What is known of each attacked sample's margin, its distance to the boundary in one norm: certified ≤ margin ≤ found. Lists run over
/// the attacked samples.
/// </summary>
/// <param name="Norm">Of the distances.</param>
/// <param name="Certified">Distance within which the decision provably stays: ∞ where no input is decided otherwise, NaN where none is available, null where none was asked for.</param>
/// <param name="Found">Smallest distance at which any attack of the run found a flip; null where none did.</param>
public sealed record MarginBracket(AttackNorm Norm, IReadOnlyList<double?> Certified, IReadOnlyList<double?> Found)
{
    /// <summary>Why the network has no certificate, such as "layers[1] has no bounds"; null where it has one, and where none was asked for.</summary>
    public string? NoCertificate { get; init; }

    /// <summary>
    /// The correct samples that the run's limit left out, certified by the Lipschitz constant; null where the attacked ones stand for them: without this
    /// certificate, without a budget, and where another method certifies more of the attacked ones within a budget.
    /// </summary>
    public IReadOnlyList<CertifiedSample>? LeftOut { get; init; }

    /// <summary>Room for what float32 cannot tell apart, as a share of the distance.</summary>
    private const double Rounding = 2e-5;

    /// <summary>Samples whose bounds contradict one another; not one where both are right.</summary>
    public int Crossed => Certified.Zip(Found).Count(static pair => pair.First > pair.Second * (1 + Rounding));

    /// <summary>The smallest distance of any attack's flip of each sample, measured on that very input, whatever norm the attack was in.</summary>
    /// <param name="result">The run.</param>
    /// <param name="norm">Of the distances.</param>
    public static IReadOnlyList<double?> FoundBy(SplitAttackResult result, AttackNorm norm)
    {
        ArgumentNullException.ThrowIfNull(result);
        var found = new double?[result.Attacked];
        foreach (AttackResult outcome in result.Attacks)
        {
            for (int i = 0; i < found.Length; i++)
            {
                if (outcome.Found[i]?.In(norm) is double distance && !(found[i] <= distance))
                {
                    found[i] = distance;
                }
            }
        }

        return found;
    }
}

/// <summary>A correct sample that was not attacked.</summary>
/// <param name="Label">+1 or −1; of three classes or more the class's number.</param>
/// <param name="Certified">As in <see cref="MarginBracket.Certified"/>; 0 where it is below every budget of the run.</param>
public readonly record struct CertifiedSample(sbyte Label, double Certified);
