namespace Differential.Service.Runs;

/// <summary>What a job found: the fields of result.json that its kind adds.</summary>
public abstract record JobOutcome
{
    /// <summary>Writes the figures for people, as plain text tables.</summary>
    internal abstract void WriteTables(TextWriter output);
}
