namespace Differential.Core.Networks;

/// <summary>What a plan is for, which decides what it keeps and computes.</summary>
public enum PlanPurpose
{
    /// <summary>Scores only.</summary>
    Inference,

    /// <summary>Scores and their gradient by the input; none by the parameters.</summary>
    Attack,

    /// <summary>Scores and gradients by the parameters; none by the input.</summary>
    Training,
}
