namespace Differential.Core;

/// <summary>
/// Marks a field of a job that only tells about it, or says when it runs and what else is written: what the job computes is the same without it,
/// so that jobs that differ in such fields alone are one job.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NoteAttribute : Attribute;
