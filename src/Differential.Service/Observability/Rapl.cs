using System.Globalization;

namespace Differential.Service.Observability;

/// <summary>
/// Energy of the processors' packages by Linux's powercap interface (Intel RAPL; AMD's too). The counters are of the whole machine and wrap
/// around; since 2020 most systems let root alone read them.
/// </summary>
/// <param name="folder">Where the interface lies.</param>
internal sealed class Rapl(string folder = "/sys/class/powercap")
{
    private const double Micro = 1e-6;

    private readonly Dictionary<string, double> _last = [];
    private double _used;

    /// <summary>Joules since the first call; null where the counters can't be read. Called so often that no counter wraps twice.</summary>
    public double? Read()
    {
        bool found = false;
        foreach (string domain in Domains())
        {
            if (Number(Path.Combine(domain, "energy_uj")) is not { } now)
            {
                continue;
            }

            found = true;
            if (_last.TryGetValue(domain, out double before))
            {
                double wrap = now < before ? Number(Path.Combine(domain, "max_energy_range_uj")) ?? before : 0;
                _used += now - before + wrap;
            }

            _last[domain] = now;
        }

        return found ? _used * Micro : null;
    }

    // Packages alone: their parts are counted in them. intel-rapl:0, not intel-rapl:0:1.
    private string[] Domains() => Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder, "intel-rapl:*").Where(static path => Path.GetFileName(path).Count(static c => c == ':') == 1).Order(StringComparer.Ordinal)] : [];

    private static double? Number(string file)
    {
        try
        {
            return double.TryParse(File.ReadAllText(file), NumberStyles.Integer, CultureInfo.InvariantCulture, out double number) ? number : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
