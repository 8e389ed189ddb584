namespace Differential.Service.Jobs.Reading;

/// <summary>A job that was read.</summary>
/// <param name="File">The file as the user named it, for messages.</param>
/// <param name="Spec">The job: every default filled in, every path absolute.</param>
/// <param name="Warnings">What is allowed and yet hardly meant, one line each.</param>
public sealed record JobFile(string File, JobSpec Spec, IReadOnlyList<string>? Warnings = null);
