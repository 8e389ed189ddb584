using Differential.Kernels.Losses;

namespace Differential.Core.Theory;

/// <summary>What a linear model is trained with.</summary>
public enum LinearObjectiveKind
{
    /// <summary>The mean over points of ℓ(y(w·x + b)), the bias trained like a weight; cross-entropy where ℓ is logistic.</summary>
    Pointwise,

    /// <summary>The mean over pairs of opposite classes of ℓ(w·(x − y)); the threshold is the midpoint of the closest scores.</summary>
    Differential,
}

/// <summary>How the weights v move, with g the gradient of the mean loss L.</summary>
public enum LinearOptimizer
{
    /// <summary>v ← v − η·g.</summary>
    GradientDescent,

    /// <summary>v ← v − η·g / L: the gradient of log L.</summary>
    NormalizedGradient,

    /// <summary>m ← t/(t + 1)·(m + g / L), v ← v − η·(m + g / L), t = 0, 1, … (Ji, Srebro, Telgarsky 2021).</summary>
    NormalizedNesterov,
}

/// <summary>A full-batch training of a linear model from w = 0 in double precision.</summary>
public sealed record LinearTrainerOptions
{
    public required LinearObjectiveKind Objective { get; init; }

    /// <summary>ℓ.</summary>
    public Surrogate Surrogate { get; init; } = Surrogate.Logistic;

    public LinearOptimizer Optimizer { get; init; } = LinearOptimizer.GradientDescent;

    /// <summary>η &gt; 0.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Steps at most.</summary>
    public int MaxIterations { get; init; } = 10_000;

    /// <summary>With the differential objective: so many pairs drawn anew at each step (with repeats); null for all pairs.</summary>
    public int? RandomPairs { get; init; }

    /// <summary>Of the random pairs.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Margins of which the first iteration that reaches them is recorded.</summary>
    public IReadOnlyList<double> Milestones { get; init; } = [];

    /// <summary>Training ends once the margin reaches this one; null for no such end.</summary>
    public double? TargetMargin { get; init; }
}
