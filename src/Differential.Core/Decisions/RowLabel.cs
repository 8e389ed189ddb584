namespace Differential.Core.Decisions;

/// <summary>What a row of a batch under attack is decided by; a <see cref="Decision"/> makes it.</summary>
internal readonly record struct RowLabel
{
    private readonly int _aim;

    /// <param name="value">The sample's label.</param>
    /// <param name="sign">That makes a score a margin.</param>
    public RowLabel(sbyte value, sbyte sign) => (Value, Sign) = (value, sign);

    /// <summary>+1 or −1; of a model with several scores the class.</summary>
    public sbyte Value { get; }

    /// <summary>The sign that makes a score a margin: +1 or −1; of a model with several scores always +1, its margins are signed already.</summary>
    public float Sign { get; }

    /// <summary>The other class that the search aims at; null for whichever is nearest.</summary>
    public int? Target
    {
        get => _aim > 0 ? _aim - 1 : null;
        init => _aim = value is int number ? number + 1 : 0;
    }
}
