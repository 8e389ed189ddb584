using System.Text.Json.Serialization;

namespace Differential.Service.Progress;

/// <summary>What a part of a job does.</summary>
public enum PhaseKind
{
    /// <summary>Trains a network, epoch after epoch.</summary>
    Training,

    /// <summary>Attacks the networks of some epochs, for flip rates at equal accuracy.</summary>
    EqualAccuracy,

    /// <summary>Runs one attack of the list on a split, budget after budget.</summary>
    Attack,

    /// <summary>Bounds the margins of a split's samples from below.</summary>
    Certificates,

    /// <summary>Checks the evaluation itself.</summary>
    Checks,

    /// <summary>Trains the linear models of a theory job.</summary>
    Theory,

    /// <summary>Runs one job of a sweep.</summary>
    Job,

    /// <summary>The whole job, where its kind makes no plan.</summary>
    Whole,
}

/// <summary>Which phase of a job is meant.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Network">The network's label in a comparison; null elsewhere.</param>
/// <param name="Split">Of the samples, where the phase is of one.</param>
/// <param name="Index">Which attack of the list or which job of a sweep, from 0.</param>
public sealed record PhaseId(PhaseKind Kind, string? Network = null, string? Split = null, int Index = 0);

/// <summary>A phase of a job's plan.</summary>
/// <param name="Id">Which it is.</param>
/// <param name="Work">How much is to be done, in a unit that all phases of the plan share: multiply-adds, about.</param>
/// <param name="Parts">The parts that a person counts: epochs, budgets, checks.</param>
public sealed record JobPhase(PhaseId Id, double Work, int Parts = 1);

/// <summary>Every phase of a job in the order in which they come, made before the job starts.</summary>
/// <param name="Phases">The phases; at least one.</param>
public sealed record JobPlan(IReadOnlyList<JobPhase> Phases)
{
    /// <summary>The plan of a job of which nothing is known before.</summary>
    public static JobPlan Whole { get; } = new([new JobPhase(new PhaseId(PhaseKind.Whole), 1)]);
}

/// <summary>How far a job is: the same on a terminal, in <c>status</c>, on the page and in the metrics.</summary>
public sealed record JobProgress
{
    /// <summary>Share of the job that is done, in [0, 1]; it never falls.</summary>
    public double Fraction { get; init; }

    /// <summary>Seconds that are left, from the speed so far; null while too little is done to tell.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SecondsLeft { get; init; }

    /// <summary>Where it stands: "network 1/2 · attack 3/6".</summary>
    public string Where { get; init; } = string.Empty;

    /// <summary>Training samples, or attacked ones that are done, each second; null in other phases.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ImagesPerSecond { get; init; }

    /// <summary>"network 1/2 · attack 3/6 · about 4 min left".</summary>
    public string ToText() => string.Join(" · ", ((string[])[Where, LeftText()]).Where(static part => part.Length > 0));

    /// <summary>"about 4 min left"; nothing where it is not known.</summary>
    public string LeftText() => SecondsLeft is { } seconds ? $"about {TimeText.Round(seconds)} left" : string.Empty;
}
