using System.Text.Json.Nodes;
using Differential.Core.Attacks;
using Differential.Core.Decisions;
using Differential.Core.Files;
using Differential.Core.Theory;
using Differential.Core.Training;

namespace Differential.Service.Runs;

/// <summary>
/// <c>metrics.jsonl</c>: a line per epoch, per attack and budget, per linear model: time, step, then name → value. A run
/// that goes on from an older checkpoint replaces the lines that it does again.
/// </summary>
internal sealed class MetricsLog : JobObserver, IDisposable
{
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly TensorBoardLog? _mirror;
    private readonly List<JsonObject> _lines = [];
    private readonly Dictionary<string, int> _attacksDone = [];

    /// <summary>For each model and phase the last step that an earlier process wrote.</summary>
    private readonly Dictionary<(string? Model, string Phase), long> _earlier = [];

    /// <param name="path">The file.</param>
    /// <param name="time">The time of lines.</param>
    /// <param name="mirror">Gets the same lines; owned. None where null.</param>
    public MetricsLog(string path, TimeProvider time, TensorBoardLog? mirror = null)
    {
        _path = path;
        _time = time;
        _mirror = mirror;
        Load();
        _mirror?.Replace(_lines);
    }

    /// <summary>Every line, the earlier processes' included.</summary>
    public IReadOnlyList<JsonObject> Lines => _lines;

    public override void EpochDone(string? model, EpochReport report)
    {
        JsonObject values = ValuesOf(report);
        if (report.ValidationAccuracy is double validation)
        {
            values["validationAccuracy"] = Finite(validation);
        }

        if (report.SkippedBatches > 0)
        {
            values["skippedBatches"] = report.SkippedBatches;
        }

        Append(model, "training", report.Step, values);
    }

    private static JsonObject ValuesOf(EpochReport report) => new()
    {
        ["epoch"] = report.Epoch,
        ["loss"] = Finite(report.Loss),
        ["trainAccuracy"] = Finite(report.TrainAccuracy),
        ["testAccuracy"] = Finite(report.TestAccuracy),
        ["scoreMargin"] = Finite(report.ScoreMargin),
        ["threshold"] = report.Thresholds is null ? Finite(report.Threshold) : null,
        ["learningRate"] = Finite(report.LearningRate),
        ["imagesPerSecond"] = Finite(report.ImagesPerSecond),
    };

    public override void AttackDone(string? model, string split, AttackResult outcome)
    {
        int step = _attacksDone[$"{model}/{split}"] = _attacksDone.GetValueOrDefault($"{model}/{split}") + 1;
        var values = new JsonObject { ["attack"] = outcome.Kind, ["norm"] = outcome.Norm.Text() };
        if (outcome.Epsilon is double epsilon)
        {
            values["epsilon"] = epsilon;
            values["flipRate"] = Finite(outcome.FlipRate);
        }
        else
        {
            values["medianDistance"] = outcome.DistanceSummary?.Median;
        }

        Append(model, split, step, values);
    }

    public override void TheoryModelDone(TheoryModel model) => Append(model.Name, "theory", model.Iterations, new JsonObject
    {
        ["margin"] = Finite(model.Margin),
        ["marginRatio"] = Finite(model.MarginRatio),
    });

    public void Dispose() => _mirror?.Dispose();

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private void Append(string? model, string phase, long step, JsonObject values)
    {
        var line = new JsonObject { ["time"] = _time.GetUtcNow().ToString("O"), ["step"] = step, ["phase"] = phase };
        if (model is not null)
        {
            line["model"] = model;
        }

        foreach ((string name, JsonNode? value) in values)
        {
            line[name] = value?.DeepClone();
        }

        bool again = _earlier.Remove((model, phase), out long last) && last >= step;
        if (again)
        {
            _lines.RemoveAll(l => (string?)l["model"] == model && (string?)l["phase"] == phase && (long?)l["step"] >= step);
        }

        // As it reads back from the file, so that lines of this process and of an earlier one are alike.
        _lines.Add(JsonNode.Parse(Text(line))!.AsObject());
        if (again)
        {
            DurableFile.WriteText(_path, string.Concat(_lines.Select(Text)));
            _mirror?.Replace(_lines);
        }
        else
        {
            File.AppendAllText(_path, Text(line));
            _mirror?.Append(_lines[^1]);
        }
    }

    private static string Text(JsonObject line) => line.ToJsonString(ResultJson.Line) + "\n";

    /// <summary>Takes over the whole lines of an earlier process; one that was cut off is dropped from the file as well.</summary>
    private void Load()
    {
        if (!File.Exists(_path))
        {
            return;
        }

        bool broken = false;
        foreach (string text in File.ReadLines(_path))
        {
            try
            {
                JsonObject line = JsonNode.Parse(text)!.AsObject();
                string phase = (string?)line["phase"] ?? throw new InvalidOperationException();
                long step = (long?)line["step"] ?? throw new InvalidOperationException();
                _lines.Add(line);
                _earlier[((string?)line["model"], phase)] = step;
            }
            catch (Exception exception) when (exception is System.Text.Json.JsonException or InvalidOperationException or FormatException or NullReferenceException)
            {
                broken = true;
            }
        }

        if (broken)
        {
            DurableFile.WriteText(_path, string.Concat(_lines.Select(Text)));
        }
    }
}
