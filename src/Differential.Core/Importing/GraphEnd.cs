using Differential.Core.Onnx;

namespace Differential.Core.Importing;

/// <summary>
/// A graph's output without what hides gradients: a softmax or sigmoid at the end is taken off, since the decision is the same without it. So
/// are thresholds that are taken off last, which the network has a place for.
/// </summary>
/// <param name="Value">What the network is to yield.</param>
/// <param name="TakenOff">The operator that was taken off; null for none.</param>
/// <param name="Thresholds">A constant that was taken off last; null for none.</param>
internal sealed record GraphEnd(string Value, string? TakenOff, string? Thresholds)
{
    /// <summary>The output: of several the first that is made of floats.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static OnnxValue OutputOf(OnnxGraph graph, string file) =>
        graph.Outputs.FirstOrDefault(static value => value.Type is null or OnnxType.Float32 or OnnxType.Float64)
            ?? throw new InputException(file, "graph", $"{graph.Outputs.Count} outputs, none of floats", "scores or probabilities as float32");

    /// <summary>Finds where the network ends that yields the output.</summary>
    /// <exception cref="InputException">There is no output.</exception>
    public static GraphEnd Of(OnnxGraph graph, string file)
    {
        OnnxValue output = OutputOf(graph, file);
        var makers = new Dictionary<string, OnnxNode>();
        foreach (OnnxNode node in graph.Nodes)
        {
            foreach (string name in node.Outputs)
            {
                makers.TryAdd(name, node);
            }
        }

        HashSet<string> constants = [.. graph.Initializers.Select(static tensor => tensor.Name)];
        var end = new GraphEnd(output.Name, null, null);

        // Each step goes to a node before; a circle would have more of them than there are nodes.
        for (int steps = 0; steps <= graph.Nodes.Count && makers.TryGetValue(end.Value, out OnnxNode? node); steps++)
        {
            if (Before(node, end) is not { } before)
            {
                break;
            }

            end = before;
        }

        return end;

        GraphEnd? Before(OnnxNode node, GraphEnd found) => node.FullOperator switch
        {
            _ when node.Inputs.Count == 0 => null,
            "Identity" or "ai.onnx.ml.ZipMap" => found with { Value = node.Inputs[0] },
            "Cast" when node.Attributes.TryGetValue("to", out OnnxAttribute? to) && to.Integer is 1 or 11 => found with { Value = node.Inputs[0] },
            "Softmax" or "LogSoftmax" when found.TakenOff is null && AxisOf(node) is 1 or -1 => found with { Value = node.Inputs[0], TakenOff = node.Operator },
            "Sigmoid" when found.TakenOff is null => found with { Value = node.Inputs[0], TakenOff = node.Operator },
            "Concat" when found.TakenOff is null && BothProbabilities(node) is { } sigmoid => found with { Value = sigmoid.Inputs[0], TakenOff = sigmoid.Operator },
            "Sub" when found is { TakenOff: null, Thresholds: null } && node.Inputs.Count == 2 && constants.Contains(node.Inputs[1]) && !constants.Contains(node.Inputs[0]) =>
                found with { Value = node.Inputs[0], Thresholds = node.Inputs[1] },
            _ => null,
        };

        // 1 − p beside p, as scikit-learn's networks of two classes end.
        OnnxNode? BothProbabilities(OnnxNode node) =>
            node.Inputs.Count == 2 && makers.TryGetValue(node.Inputs[0], out OnnxNode? rest) && rest.Operator == "Sub" && rest.Inputs.Count == 2 && rest.Inputs[1] == node.Inputs[1]
            && makers.TryGetValue(node.Inputs[1], out OnnxNode? sigmoid) && sigmoid.Operator == "Sigmoid" && sigmoid.Inputs.Count == 1 ? sigmoid : null;
    }

    private static long AxisOf(OnnxNode node) => node.Attributes.TryGetValue("axis", out OnnxAttribute? axis) && axis.Integer is { } number ? number : -1;
}
