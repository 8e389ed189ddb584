using System.Globalization;
using System.Text.Json;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Kinds.Compare;

/// <summary>Makes a job of each network of a comparison: each loss or entry with each seed, on the data and the attacked samples of the whole.</summary>
internal static class CompareExpansion
{
    private const int LongestName = 90;

    /// <param name="spec">The comparison, every default filled in, every path absolute.</param>
    /// <param name="file">The job file, for messages.</param>
    public static IReadOnlyList<SweepJob> Expand(CompareSpec spec, string file)
    {
        ArgumentNullException.ThrowIfNull(spec);
        IReadOnlyList<CompareRun> runs = spec.Runs();
        IReadOnlyList<CompareEntry> entries = spec.Entries ?? [.. spec.LossNames().Select((name, i) => new CompareEntry { Name = name, Loss = spec.Losses![i] })];
        bool hasCurve = EpochCurve.Of(spec) is not null;
        string title = spec.Title.Length <= LongestName ? spec.Title : spec.Title[..LongestName];
        var jobs = new List<SweepJob>(runs.Count);
        for (int i = 0; i < runs.Count; i++)
        {
            CompareRun run = runs[i];
            CompareSpec one = spec with
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"{title} {i + 1}"),
                Losses = null,
                Entries = [entries.First(e => e.Name == run.Name)],
                Seeds = [run.Seed],
                EqualAccuracy = hasCurve,

                // The checks are of the evaluation more than of a network: once for each entry.
                Checks = spec.Checks && runs.Take(i).All(earlier => earlier.Name != run.Name),
            };
            var fields = new Dictionary<string, JsonElement>
            {
                ["network"] = JsonSerializer.SerializeToElement(run.Name),
                ["seed"] = JsonSerializer.SerializeToElement(run.Seed),
            };
            jobs.Add(new SweepJob(i + 1, fields, new JobFile(string.Create(CultureInfo.InvariantCulture, $"{file} (job {i + 1})"), one)));
        }

        return jobs;
    }
}
