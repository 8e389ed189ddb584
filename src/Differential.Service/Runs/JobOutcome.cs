namespace Differential.Service.Runs;

/// <summary>What a job found: the fields of result.json that its kind adds.</summary>
public abstract record JobOutcome;
