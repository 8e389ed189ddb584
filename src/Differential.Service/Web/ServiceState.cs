using System.Text.Json;
using System.Text.Json.Serialization;
using Differential.Service.Observability;
using Differential.Service.Queue;

namespace Differential.Service.Web;

/// <summary>The whole service at a moment, as the page and <c>/state</c> have it.</summary>
internal sealed record ServiceState
{
    public static JsonSerializerOptions Json { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    /// <summary>How answers are written.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        return options;
    }

    public required string Root { get; init; }

    /// <summary>Whether this process's loop turns.</summary>
    public required bool Alive { get; init; }

    /// <summary>Why no job is taken, one sentence; null where jobs are.</summary>
    public required string? Trouble { get; init; }

    public required JobCounts Counts { get; init; }

    public required IReadOnlyList<RunningView> Running { get; init; }

    /// <summary>The first that wait, in the order in which they are to be taken.</summary>
    public required IReadOnlyList<QueuedView> Queued { get; init; }

    /// <summary>The latest that ended, newest first.</summary>
    public required IReadOnlyList<EndedJob> Ended { get; init; }

    /// <summary>The machine's GPUs; null where their driver is missing.</summary>
    public IReadOnlyList<GpuReading>? Gpus { get; init; }
}

/// <summary>
/// How many jobs are in each state; <paramref name="Incomplete"/> are files still being written, <paramref name="Unreadable"/> those that can't be read, <paramref name="Interrupted"/> those whose
/// worker is gone and that go on at its next start.
/// </summary>
internal sealed record JobCounts(int Queued, int Incomplete, int Unreadable, int Running, int Interrupted, int Done, int Failed, int Cancelled);

/// <summary>A job that a worker holds.</summary>
internal sealed record RunningView
{
    public required string Id { get; init; }

    public required string Worker { get; init; }

    public required DateTimeOffset Since { get; init; }

    public string? Kind { get; init; }

    public string? Name { get; init; }

    public string? Device { get; init; }

    public int Attempts { get; init; }

    public bool Cancelling { get; init; }

    /// <summary>Whether its worker is gone: it goes on when a service starts on this root.</summary>
    public bool Interrupted { get; init; }

    public string? Model { get; init; }

    public string? Phase { get; init; }

    /// <summary>How far the whole job is, in [0, 1].</summary>
    public double? Fraction { get; init; }

    /// <summary>Where it stands in its plan, and how long it will take: "network 1/2 · attack 3/6 · about 4 min left".</summary>
    public string? Progress { get; init; }

    public double? SecondsLeft { get; init; }

    /// <summary>Training samples, or attacked ones that are done, each second.</summary>
    public double? ImagesPerSecond { get; init; }
}

/// <summary>A job that waits.</summary>
internal sealed record QueuedView(string Id, string? Kind, DateTimeOffset Since, int Priority, string? Device, IReadOnlyList<string>? After);
