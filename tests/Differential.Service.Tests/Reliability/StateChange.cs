using System.Text.Json;
using Differential.Service.Queue;

namespace Differential.Service.Tests.Reliability;

/// <summary>A change of a job's state, at which a fault strikes: the point in the service, and how a job is brought there.</summary>
/// <param name="Name">What the count calls it.</param>
/// <param name="Point">The fault point.</param>
/// <param name="Story">What happens to the job.</param>
internal sealed record StateChange(string Name, string Point, JobStory Story)
{
    public static IReadOnlyList<StateChange> All { get; } =
    [
        new("queued, before the claim", "before-claim", JobStory.Runs),
        new("claimed", "after-claim", JobStory.Runs),
        new("registered", "after-ticket", JobStory.Runs),
        new("start noted", "after-count", JobStory.Runs),
        new("first step", "step", JobStory.Runs),
        new("done, before the move", "before-finish", JobStory.Runs),
        new("done, moved", "after-finish", JobStory.Runs),
        new("failed, before the move", "before-finish", JobStory.Fails),
        new("failed, moved", "after-finish", JobStory.Fails),
        new("handed in again", "before-adopt", JobStory.FailsAgain),
        new("cancelled, before the move", "before-finish", JobStory.IsCancelled),
        new("before a take-over", "before-takeover", JobStory.IsTakenOver),
        new("taken over", "after-takeover", JobStory.IsTakenOver),
    ];
}

/// <summary>What happens to a job of the matrix.</summary>
internal enum JobStory
{
    Runs,
    Fails,
    FailsAgain,
    IsCancelled,
    IsTakenOver,
}

/// <summary>The jobs of the matrix, and how they are handed in.</summary>
internal static class MatrixJobs
{
    public const string Short = """{ "kind": "train", "data": { "kind": "affine" }, "model": { "kind": "linear" }, "epochs": 12, "batchSize": 8 }""";
    public const string Long = """{ "kind": "train", "data": { "kind": "shapes", "count": 100, "size": 8 }, "model": { "kind": "small" }, "epochs": 240, "batchSize": 16 }""";
    public const string Bad = """{ "kind": "train", "epochs": -1 }""";

    /// <summary>The job's text in a story.</summary>
    public static string TextOf(JobStory story) => story switch
    {
        JobStory.Fails or JobStory.FailsAgain => Bad,
        JobStory.IsCancelled => Long,
        _ => Short,
    };

    /// <summary>Puts a file into a folder of the root at once, as the service's user.</summary>
    public static void Drop(string folder, string id, string text)
    {
        string temporary = Path.Combine(folder, $".{id}");
        File.WriteAllText(temporary, text);
        FaultVolume.Run("chown", $"{FaultVolume.User}:{FaultVolume.User}", temporary);
        File.Move(temporary, ServiceRoot.JobFile(folder, id));
    }

    /// <summary>A worker's folder with a job in it, as a process leaves it that was killed behind the claim.</summary>
    public static void LeaveBehind(FaultVolume volume, string id)
    {
        string staging = Path.Combine(volume.Root.Active, $".dead-{id}");
        Directory.CreateDirectory(staging);
        File.WriteAllText(ServiceRoot.JobFile(staging, id), Short);
        var lease = new LeaseContent($"dead-{id}", HostIdentity.Current, 4_000_000, "0", 1);
        File.WriteAllBytes(Path.Combine(staging, WorkerLease.FileName), JsonSerializer.SerializeToUtf8Bytes(lease));
        FaultVolume.Run("chown", "-R", $"{FaultVolume.User}:{FaultVolume.User}", staging);
        Directory.Move(staging, volume.Root.WorkerFolder($"dead-{id}"));
    }
}
