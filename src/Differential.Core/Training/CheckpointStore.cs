using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>
/// The checkpoints of one training in a folder. Two files are written in turn, so that the one before the newest is kept
/// and a write that fails harms nothing that was there. A broken newest one gives way to the one before.
/// </summary>
/// <param name="folder">The folder; it is created with the first checkpoint.</param>
/// <param name="startAfresh">Whether the checkpoint of another job is passed over, and overwritten, instead of refused.</param>
public sealed class CheckpointStore(string folder, bool startAfresh = false)
{
    private static readonly string[] Names = ["checkpoint-a.bin", "checkpoint-b.bin"];

    private long _sequence;
    private int _next;

    public string Folder { get; } = folder;

    /// <summary>Called before each write; what it throws stops the training and leaves the files as they are.</summary>
    public Action? Guard { get; init; }

    /// <summary>Deletes all checkpoints and snapshots of epochs.</summary>
    public void Clear()
    {
        if (!Directory.Exists(Folder))
        {
            return;
        }

        foreach (string path in Names.Select(name => Path.Combine(Folder, name)).Concat(Directory.EnumerateFiles(Folder, "epoch-*.bin")))
        {
            File.Delete(path);
        }

        DurableFile.SyncFolder(Folder);
    }

    /// <summary>The newest whole checkpoint of a job; null where there is none.</summary>
    /// <param name="fingerprint">The job's.</param>
    /// <param name="ignored">Told of each broken file and why it is passed over.</param>
    /// <exception cref="CheckpointMismatchException">The newest one is of another job, and a fresh start was not asked for.</exception>
    internal Checkpoint? Load(string fingerprint, Action<string, string> ignored)
    {
        Stored? newest = null;
        for (int slot = 0; slot < Names.Length; slot++)
        {
            string path = Path.Combine(Folder, Names[slot]);
            if (!File.Exists(path))
            {
                continue;
            }

            try
            {
                (Header header, IReadOnlyList<NamedTensor> tensors) = CheckpointFile.Read<Header>(path);
                if (newest is null || header.Sequence > newest.Sequence)
                {
                    newest = new Stored(header.Sequence, slot, header.Checkpoint with { Tensors = tensors });
                }
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException)
            {
                ignored(path, exception.Message);
            }
        }

        if (newest is null)
        {
            return null;
        }

        if (newest.Checkpoint.Fingerprint == fingerprint)
        {
            _sequence = newest.Sequence;
            _next = 1 - newest.Slot;
            return newest.Checkpoint;
        }

        if (!startAfresh)
        {
            throw new CheckpointMismatchException(Folder);
        }

        Clear();
        return null;
    }

    /// <summary>Writes the newest checkpoint over the older of the two.</summary>
    /// <exception cref="IOException">It can't be written; the checkpoints before are as they were.</exception>
    internal void Save(Checkpoint checkpoint)
    {
        Guard?.Invoke();
        Directory.CreateDirectory(Folder);
        var header = new Header(_sequence + 1, checkpoint);
        CheckpointFile.Write(Path.Combine(Folder, Names[_next]), header, checkpoint.Tensors);
        _sequence++;
        _next = 1 - _next;
    }

    /// <summary>Keeps the parameters and the layers' state after an epoch.</summary>
    internal void SaveEpoch(string fingerprint, EpochSnapshot snapshot)
    {
        Guard?.Invoke();
        Directory.CreateDirectory(Folder);
        NamedTensor[] tensors = [Named("parameters", snapshot.Parameters), .. snapshot.State.Count > 0 ? [Named("state", snapshot.State)] : (NamedTensor[])[]];
        CheckpointFile.Write(EpochPath(snapshot.Epoch), fingerprint, tensors);

        static NamedTensor Named(string name, IReadOnlyList<float> values) => new(name, new Shape(values.Count), [.. values]);
    }

    /// <summary>The parameters and the layers' state after an epoch; null where they are missing, broken or of another job.</summary>
    internal EpochSnapshot? LoadEpoch(string fingerprint, int epoch)
    {
        try
        {
            (string owner, IReadOnlyList<NamedTensor> tensors) = CheckpointFile.Read<string>(EpochPath(epoch));
            return owner == fingerprint && tensors.Count > 0 ? new EpochSnapshot(epoch, tensors[0].Values) { State = tensors.Count > 1 ? tensors[1].Values : [] } : null;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            return null;
        }
    }

    private string EpochPath(int epoch) => Path.Combine(Folder, $"epoch-{epoch:D6}.bin");

    private sealed record Header(long Sequence, Checkpoint Checkpoint);

    private sealed record Stored(long Sequence, int Slot, Checkpoint Checkpoint);
}
