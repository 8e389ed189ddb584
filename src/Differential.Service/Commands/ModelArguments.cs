using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Core.Importing;
using Differential.Core.Models;

namespace Differential.Service.Commands;

/// <summary>The arguments MODEL and DATA of the commands that use a trained network.</summary>
internal static class ModelArguments
{
    private const string JobFile = "job.json";

    public static Argument<string> Model() => new("model") { Description = "The folder of a training, a model.safetensors or an ONNX file." };

    public static Argument<string> Data() => new("data")
    {
        Description = "A folder (of images, of a folder for each class, of CIFAR's, MNIST's, NumPy's or Parquet files), a file (an image, CSV, .npz, .npy, .parquet), or a JSON file with a job's data.",
    };

    public static Option<long?> Seed { get; } = WholeNumber.Any<long>(
        "--seed", "The seed, which also draws the test samples of data that have none of their own; that of the model's training by default, else 1.");

    public static Option<string?> Mean { get; } = new("--mean") { Description = "What an ONNX model expects to be taken off its inputs in [0, 1]: a number, or one for each channel with commas between, where that is not inside it." };

    public static Option<string?> Std { get; } = new("--std") { Description = "By what they are divided then." };

    /// <summary>What the options say of an ONNX model's inputs; null for nothing.</summary>
    /// <exception cref="InputException">No numbers.</exception>
    public static ExpectedInput? Expected(ParseResult parsed)
    {
        double[]? mean = Numbers(parsed.GetValue(Mean), "--mean");
        double[]? std = Numbers(parsed.GetValue(Std), "--std");
        return std?.Any(static value => value <= 0) == true
            ? throw new InputException("arguments", "--std", "a number that is not above 0", "numbers above 0")
            : mean is null && std is null ? null : new ExpectedInput { Mean = mean, Std = std };
    }

    /// <summary>The model of a path.</summary>
    /// <exception cref="InputException">It is none, or one that this program does not compute itself.</exception>
    public static OpenedModel Open(string path, ImportOptions options)
    {
        try
        {
            return ModelOpener.Open(path, options);
        }
        catch (UnsupportedOperatorException exception)
        {
            throw new InputException(
                path, $"node {exception.Node}", $"the operator {exception.Operation}, which is none of this program's layers", "operators of docs/onnx.md; 'differential attack MODEL DATA.json' runs it by its scores");
        }
        catch (InputException exception) when (exception.File == "model")
        {
            throw new InputException("arguments", exception.Place.StartsWith("input.", StringComparison.Ordinal) ? $"--{exception.Place[6..]}" : exception.Place, exception.Found, exception.Allowed);
        }
    }

    public static bool IsJson(string path) => Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);

    private static double[]? Numbers(string? text, string option) => text is null ? null
        : [.. text.Split(',').Select(number => double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new InputException("arguments", option, $"'{text}'", "a number, or several with commas between"))];

    /// <summary>A path that must lead somewhere.</summary>
    /// <exception cref="InputException">It does not.</exception>
    public static string Existing(string path, string place) => File.Exists(path) || Directory.Exists(path)
        ? Path.GetFullPath(path)
        : throw new InputException("arguments", place, $"'{path}', which is not there", place == "model" ? "the folder of a training, or a model file" : "a folder or a file");

    /// <summary>The seed that was given, else the one in the model's folder, else 1.</summary>
    public static long SeedOf(long? given, string model)
    {
        if (given is { } seed)
        {
            return seed;
        }

        string folder = Path.GetFullPath(Directory.Exists(model) ? model : Path.GetDirectoryName(Path.GetFullPath(model))!);

        // A comparison keeps its networks in RUN/models/NAME.
        if (Path.GetDirectoryName(folder) is { } parent && Path.GetFileName(parent) == "models")
        {
            folder = Path.GetDirectoryName(parent)!;
        }

        try
        {
            JsonNode? job = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, JobFile)));
            return job?["seed"]?.GetValue<long>() ?? 1;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException)
        {
            // No folder of a training.
            return 1;
        }
    }
}
