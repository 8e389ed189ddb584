using System.Text.Json;

namespace Differential.Service.Jobs.Reading;

/// <summary>Which of a sweep's jobs is meant.</summary>
/// <param name="Number">From 1, in the order in which one process runs them.</param>
/// <param name="Fields">The values of the fields that the sweep varies, by their place.</param>
internal sealed record SweepTask(int Number, IReadOnlyDictionary<string, JsonElement> Fields);
