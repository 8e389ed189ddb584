namespace Differential.Service.Hosting;

/// <summary>How many jobs may still start, by device.</summary>
internal sealed class DeviceSlots
{
    public const string Any = "*";

    private readonly Dictionary<string, int> _free;

    public DeviceSlots(IReadOnlyDictionary<string, int> workers)
    {
        _free = workers.Count == 0 ? new Dictionary<string, int> { [Any] = 1 } : new Dictionary<string, int>(workers);
        Total = _free.Values.Sum();
    }

    public int Total { get; }

    /// <summary>Changes with each slot that is taken or returned.</summary>
    public long Version { get; private set; }

    public bool AnyFree => _free.Values.Any(n => n > 0);

    /// <summary>Takes a slot that fits a job's device; null where none is free now.</summary>
    public string? Take(string? device)
    {
        string? slot = _free.FirstOrDefault(s => s.Value > 0 && Fits(s.Key, device)).Key;
        if (slot is not null)
        {
            _free[slot]--;
            Version++;
        }

        return slot;
    }

    public void Return(string slot)
    {
        _free[slot]++;
        Version++;
    }

    /// <summary>Whether any slot, free or not, takes jobs of this device.</summary>
    public bool Serves(string? device) => _free.Keys.Any(slot => Fits(slot, device));

    // A job of any device, and one that does not parse, goes anywhere.
    private static bool Fits(string slot, string? device) =>
        slot == Any || device is null or "auto" || device == slot || slot == device + ":0" || (!device.Contains(':', StringComparison.Ordinal) && slot.StartsWith(device + ":", StringComparison.Ordinal));
}
