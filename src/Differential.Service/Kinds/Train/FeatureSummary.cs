using Differential.Core.Numerics;

namespace Differential.Service.Kinds.Train;

/// <summary>How many directions the penultimate features of a network take, and the part of them that is nearly constant.</summary>
public sealed record FeatureSummary
{
    /// <summary>Exponential of the entropy of the normalised singular values.</summary>
    public required double EffectiveRank { get; init; }

    /// <summary>The same with the features' mean taken away.</summary>
    public required double CenteredEffectiveRank { get; init; }

    /// <summary>‖F‖²_F / ‖F‖²₂.</summary>
    public required double StableRank { get; init; }

    /// <summary>Directions along which the features hardly vary.</summary>
    public required int ConstantDirections { get; init; }

    /// <summary>ΣΔ² of the theorem, over these directions.</summary>
    public required double SumDeltaSquared { get; init; }

    /// <summary>Descending.</summary>
    public required IReadOnlyList<double> SingularValues { get; init; }

    public static FeatureSummary Of(FeatureGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        return new FeatureSummary
        {
            EffectiveRank = geometry.Raw.EffectiveRank,
            CenteredEffectiveRank = geometry.Centered.EffectiveRank,
            StableRank = geometry.Raw.StableRank,
            ConstantDirections = geometry.ConstantDirections.Length,
            SumDeltaSquared = geometry.SumDeltaSquared,
            SingularValues = [.. geometry.Raw.SingularValues],
        };
    }
}
