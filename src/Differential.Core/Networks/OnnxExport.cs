using System.Text.Json;
using Differential.Core.Files;
using Differential.Core.Onnx;

namespace Differential.Core.Networks;

/// <summary>
/// A trained network as <c>model.onnx</c>: opset 17, input <c>input</c> [N, C, H, W] or [N, D] as stored, normalisation inside, output
/// <c>score</c> [N, 1] or <c>scores</c> [N, K] less the thresholds.
/// </summary>
public static class OnnxExport
{
    internal const string Input = "input";

    private const string PositiveKey = "positive";

    private const string NegativeKey = "negative";

    private const string ClassesKey = "classes";

    private const int Opset = 17;

    private const string Batch = "N";

    /// <summary>Writes the file durably.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">The network, settled where layers are held at norm 1.</param>
    /// <param name="names">The model as it was saved, for the names of its classes.</param>
    /// <param name="keepNormalizations">Whether batch normalisations stay nodes of their own, not folded into the layers before them.</param>
    /// <exception cref="IOException">It can't be written; a file that was there before is as it was.</exception>
    public static void Save(string path, Network network, SavedModel names, bool keepNormalizations = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(names);
        OnnxModel model = Create(network, names, keepNormalizations);
        DurableFile.Write(path, stream => OnnxWriter.Write(stream, model));
    }

    internal static OnnxModel Create(Network network, SavedModel names, bool keepNormalizations = false)
    {
        network.EnsureNorms();
        var graph = new OnnxGraphBuilder(Batch);
        List<string> ends = [];

        // As attacks fold it; as training does, normalisations keep to themselves, and dropout, which is off, is passed by.
        foreach (FusedLayer fused in FusedGraph.Of(network.Architecture, keepNormalizations ? PlanPurpose.Training : PlanPurpose.Attack))
        {
            if (ends.Count == 0)
            {
                ends.Add(Normalized(graph, network));
            }

            Layer layer = fused.Layer;
            string[] inputs = [.. fused.Inputs.Select(input => Fitted(graph, ends[input + 1], layer))];
            if (layer is DropoutLayer)
            {
                ends.Add(inputs[0]);
                continue;
            }

            string output = layer.Export(new LayerExport(graph, layer, new BoundValues(network, layer, fused.Fusion.Norm)), inputs);
            ends.Add(fused.Fusion.Relu ? graph.Node("Relu", $"{layer.Name}.relu", [output], graph.Dimensions(output)) : output);
        }

        int scores = network.Architecture.Scores;
        if (network.Thresholds.Any(static threshold => threshold != 0))
        {
            graph.Node("Sub", "threshold", [ends[^1], graph.Constant("thresholds", [scores], [.. network.Thresholds])], [scores]);
        }

        return new OnnxModel(graph.Build("differential", scores == 1 ? "score" : "scores"), Opset)
        {
            Producer = ("Differential", typeof(OnnxExport).Assembly.GetName().Version?.ToString(3) ?? string.Empty),
            Metadata = Metadata(names),
        };
    }

    /// <summary>The names of the classes as <see cref="Save"/> writes them: of one score the positive and the negative one's; null where they are not there.</summary>
    internal static IReadOnlyList<string>? NamesOf(OnnxModel model)
    {
        if (model.Metadata.TryGetValue(PositiveKey, out string? positive) && model.Metadata.TryGetValue(NegativeKey, out string? negative))
        {
            return [positive, negative];
        }

        try
        {
            return model.Metadata.TryGetValue(ClassesKey, out string? classes) && JsonSerializer.Deserialize<string[]>(classes, ModelFile.Json) is { } names && names.All(static name => name is not null) ? names : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The input, behind the network's own normalisation.</summary>
    private static string Normalized(OnnxGraphBuilder graph, Network network)
    {
        IReadOnlyList<int> dimensions = LayerExport.Dimensions(network.Architecture.Input);
        InputNormalization normalization = network.Normalization;
        string value = graph.Input(Input, dimensions);
        if (normalization.Mean.Any(static mean => mean != 0))
        {
            int[] channels = dimensions.Count == 3 ? [1, dimensions[0], 1, 1] : [1, dimensions[0]];
            value = graph.Node("Sub", "input.centred", [value, graph.Constant("input.mean", channels, [.. normalization.Mean])], dimensions);
        }

        return normalization.Scale == 1 ? value : graph.Node("Mul", "input.scaled", [value, graph.Constant("input.scale", [], [normalization.Scale])], dimensions);
    }

    /// <summary>A value as vectors where a layer takes vectors: the order is right already, since flatten layers that compute nothing are left out.</summary>
    private static string Fitted(OnnxGraphBuilder graph, string value, Layer layer) =>
        graph.Dimensions(value).Count == 3 && layer.Input.Rank == 1
            ? graph.Node("Flatten", $"{layer.Name}.flatten", [value], [layer.Input.Length], OnnxAttribute.Of("axis", 1))
            : value;

    private static Dictionary<string, string> Metadata(SavedModel names)
    {
        var metadata = new Dictionary<string, string>();
        if (names.Classes is { } classes)
        {
            metadata[ClassesKey] = JsonSerializer.Serialize(classes, ModelFile.Json);
        }
        else
        {
            metadata[PositiveKey] = names.Positive;
            metadata[NegativeKey] = names.Negative;
        }

        return metadata;
    }
}
