namespace Differential.Kernels.Rows;

/// <summary>Where the search of a row stands, as <see cref="FlipWatch"/> keeps it on the device.</summary>
public enum RowState
{
    /// <summary>Under way.</summary>
    Searching,

    /// <summary>Flipped at the latest look.</summary>
    FlipsNow,

    /// <summary>Flipped at a look before.</summary>
    Flipped,

    /// <summary>Given up: its gradient is zero, so that it cannot move.</summary>
    ZeroGradient,

    /// <summary>Given up: its gradient is not finite, so that it must not move.</summary>
    NonFiniteGradient,

    /// <summary>No sample's row: nobody looks at it.</summary>
    Idle,
}
