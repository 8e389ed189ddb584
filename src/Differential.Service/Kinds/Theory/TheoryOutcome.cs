using Differential.Service.Runs;

namespace Differential.Service.Kinds.Theory;

/// <summary>A linear model of a theory job.</summary>
public sealed record TheoryModelResult(double Margin, double MarginRatio, int Iterations, double LearningRate, int? StepsTo99, int? StepsTo999);

/// <summary>The linear theory on a data set.</summary>
public sealed record TheoryOutcome : JobOutcome
{
    public required double SvmMargin { get; init; }

    /// <summary>Null where the data has no constant direction.</summary>
    public required double? BoundaryBound { get; init; }

    /// <summary>Margin to which cross-entropy's training converges.</summary>
    public required double CrossEntropyLimit { get; init; }

    /// <summary>The bias at that limit, scaled so that the smallest y(w·x + b) is 1.</summary>
    public required double Bias { get; init; }

    /// <summary>ΣΔ² over the constant directions.</summary>
    public required double ConstantSquares { get; init; }

    public required IReadOnlyDictionary<string, TheoryModelResult> Models { get; init; }

    internal override void WriteTables(TextWriter output) => TheoryTable.Write(this, output);
}
