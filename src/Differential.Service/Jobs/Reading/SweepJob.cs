using System.Text.Json;

namespace Differential.Service.Jobs.Reading;

/// <summary>One job of a sweep.</summary>
/// <param name="Number">From 1, in the order in which they run.</param>
/// <param name="Fields">The values of the fields that the sweep varies, by their place.</param>
/// <param name="File">The job, ready to be run.</param>
internal sealed record SweepJob(int Number, IReadOnlyDictionary<string, JsonElement> Fields, JobFile File);
