using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core.Data;

namespace Differential.Service.Jobs;

[Description("Runs a job for each combination of the values listed, one after the other, and puts the results into one table.")]
public sealed record SweepSpec : JobSpec
{
    /// <summary>Most jobs of a sweep.</summary>
    public const int MaxJobs = 1_000;

    [Description("The job that is run, but for the fields that are varied.")]
    public required JobSpec Job { get; init; }

    [Description("Values of the job's seed.")]
    [MinLength(1)]
    [MaxLength(MaxJobs)]
    public IReadOnlyList<long>? Seeds { get; init; }

    [Description("Values of the optimizer's learning rate.")]
    [MinLength(1)]
    [MaxLength(MaxJobs)]
    [Range(1e-12, 1e6)]
    public IReadOnlyList<double>? LearningRates { get; init; }

    [Description("Values of any other fields, by their place in the job: { \"optimizer.weightDecay\": [0, 0.001], \"model.layers[0].units\": [16, 64], \"loss\": [{ … }, { … }] }.")]
    public SweepFields? Fields { get; init; }

    [JsonIgnore]
    public override string Kind => "sweep";

    public override JobSpec WithDefaults() => this with { Job = Job.WithDefaults() };

    internal override DataOptions? Samples => Job.Samples;

    public override JobSpec MapPaths(Func<string, string, string> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return this with
        {
            Job = Job.MapPaths((place, path) => map($"$.job{place[1..]}", path)),
            Fields = Fields?.MapPaths(Job, map),
        };
    }
}
