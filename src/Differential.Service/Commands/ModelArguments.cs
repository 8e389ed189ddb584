using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Models;
using Differential.Service.Predictions;

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

    public static Option<long?> Seed { get; } = new("--seed")
    {
        Description = "The seed, which also draws the test samples of data that have none of their own; that of the model's training by default, else 1.",
    };

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

    /// <summary>The data as a section of a job; null where they are images without classes.</summary>
    /// <exception cref="InputException">They are no data, or do not tell the model's classes.</exception>
    public static DataOptions? Section(string data, OpenedModel model) =>
        Path.GetExtension(data).Equals(".json", StringComparison.OrdinalIgnoreCase) ? DataSection.Read(data) : DataGuess.Of(data, model);
}
