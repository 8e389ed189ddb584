using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core.Files;

namespace Differential.Service.Runs;

/// <summary>
/// The numbers of <c>metrics.jsonl</c> as TensorBoard event files, one folder (a run, to TensorBoard) per network. A process
/// that goes on writes them anew from the lines, so that no step stands there twice.
/// </summary>
internal sealed class TensorBoardLog : IDisposable
{
    // What a line of metrics.jsonl says about itself rather than measures.
    private static readonly HashSet<string> NoValues = ["time", "step", "epoch", "epsilon"];

    private readonly string _folder;
    private readonly Dictionary<string, TensorBoardFile> _files = [];

    public TensorBoardLog(string folder) => _folder = folder;

    /// <summary>Starts anew with these lines.</summary>
    public void Replace(IEnumerable<JsonObject> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        foreach (JsonObject line in lines)
        {
            Append(line);
        }
    }

    /// <summary>Adds a line.</summary>
    public void Append(JsonObject line)
    {
        ArgumentNullException.ThrowIfNull(line);
        DateTimeOffset time = DateTimeOffset.TryParse((string?)line["time"], CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset written)
            ? written
            : DateTimeOffset.UnixEpoch;
        string prefix = Prefix(line);
        List<KeyValuePair<string, double>> values =
        [
            .. line.Where(f => f.Value?.GetValueKind() == JsonValueKind.Number && !NoValues.Contains(f.Key))
                .Select(f => new KeyValuePair<string, double>(prefix + f.Key, f.Value!.GetValue<double>())),
        ];
        if (values.Count > 0)
        {
            TensorBoardFile file = FileOf((string?)line["model"], time);
            file.Write(time, (long?)line["step"] ?? 0, values);
            file.Flush();
        }
    }

    public void Dispose()
    {
        foreach (TensorBoardFile file in _files.Values)
        {
            file.Dispose();
        }

        _files.Clear();
    }

    // "training/loss"; "test/pgd l2 0.5/flipRate": each budget is a curve of its own.
    private static string Prefix(JsonObject line)
    {
        string phase = (string?)line["phase"] ?? "values";
        if ((string?)line["attack"] is not { } attack)
        {
            return phase + "/";
        }

        string budget = line["epsilon"] is JsonValue epsilon ? " " + epsilon.GetValue<double>().ToString("0.#####", CultureInfo.InvariantCulture) : string.Empty;
        return $"{phase}/{attack} {(string?)line["norm"]}{budget}/";
    }

    private TensorBoardFile FileOf(string? model, DateTimeOffset created)
    {
        string key = model ?? string.Empty;
        if (!_files.TryGetValue(key, out TensorBoardFile? file))
        {
            string name = new([.. key.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-')]);
            string folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
            file = new TensorBoardFile(
                new FileStream(Path.Combine(folder, TensorBoardFile.FileName(created)), FileMode.Append, FileAccess.Write, FileShare.Read), created);
            _files.Add(key, file);
        }

        return file;
    }
}
