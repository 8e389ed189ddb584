namespace Differential.Core.Attacks;

/// <summary>Counts of a running attack; see <see cref="AttackCounts"/>.</summary>
internal sealed class AttackCounters
{
    public long Gradients { get; set; }

    public long ZeroGradients { get; set; }

    public long NonFiniteGradients { get; set; }

    public long Unverified { get; set; }

    public void Reset() => Gradients = ZeroGradients = NonFiniteGradients = Unverified = 0;

    public AttackCounts Snapshot() => new(Gradients, ZeroGradients, NonFiniteGradients, Unverified);
}
