using System.Globalization;
using System.Text.Json;
using Differential.Core.Files;

namespace Differential.Core.Networks;

/// <summary><c>model.safetensors</c>: the weights with PyTorch's names and orders, everything else in the metadata.</summary>
public static class ModelFile
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        AllowOutOfOrderMetadataProperties = true,
        AllowDuplicateProperties = false,
        MaxDepth = 32,
    };

    /// <summary>Writes the model durably.</summary>
    /// <exception cref="IOException">It can't be written; a file that was there before is as it was.</exception>
    public static void Save(string path, SavedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        DurableFile.Write(path, stream => SafetensorsFile.Write(stream, model.Parameters, Metadata(model)));
    }

    /// <summary>
    /// Reads and checks a model: the metadata, the layers' ranges, the names and the outputs of the parameters. Whether the
    /// layers fit one another is for the network that is built of them to say.
    /// </summary>
    /// <exception cref="InputException">The file is missing, broken or not such a model.</exception>
    public static SavedModel Load(string path) => new ModelReader(path, SafetensorsFile.Read(path)).Read();

    private static Dictionary<string, string> Metadata(SavedModel model)
    {
        var metadata = new Dictionary<string, string>
        {
            ["architecture"] = JsonSerializer.Serialize(model.Layers, Json),
            ["inputShape"] = JsonSerializer.Serialize(
                model.Input.Rank == 3 ? [model.Input[2], model.Input[0], model.Input[1]] : model.Input.Dimensions.ToArray(), Json),
            ["inputMean"] = JsonSerializer.Serialize(model.InputMean, Json),
            ["inputScale"] = model.InputScale.ToString("R", CultureInfo.InvariantCulture),
        };
        if (model.Classes is { } classes)
        {
            metadata["thresholds"] = JsonSerializer.Serialize(model.Thresholds, Json);
            metadata["classes"] = JsonSerializer.Serialize(classes, Json);
            return metadata;
        }

        metadata["threshold"] = model.Threshold.ToString("R", CultureInfo.InvariantCulture);
        metadata["positive"] = model.Positive;
        metadata["negative"] = model.Negative;
        return metadata;
    }
}
