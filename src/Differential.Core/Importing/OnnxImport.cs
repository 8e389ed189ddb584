using Differential.Core.Files;
using Differential.Core.Networks;
using Differential.Core.Onnx;
using Differential.Kernels.Devices;

namespace Differential.Core.Importing;

/// <summary>Reads a graph of the Open Neural Network Exchange as a network of this program's layers, node by node.</summary>
internal static class OnnxImport
{
    private const int OldestOpset = 9;

    private const int NewestOpset = 22;

    private static readonly Dictionary<string, Action<NodeImport>> Operators = new(
    [
        .. LinearOperators.All, .. PoolOperators.All, .. ArithmeticOperators.All, .. ActivationOperators.All, .. ShapeOperators.All,
    ]);

    /// <summary>Reads a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="file">What messages call its file.</param>
    /// <param name="options">What is known of it beside.</param>
    /// <exception cref="InputException">It is broken, or not as the options say; the file is "model" and the place a field where an option does not fit.</exception>
    /// <exception cref="UnsupportedOperatorException">It has an operator that is none of this program's layers.</exception>
    public static ImportedNetwork Read(OnnxModel model, string file, ImportOptions options)
    {
        if (model.Opset is < OldestOpset or > NewestOpset)
        {
            throw new UnsupportedOperatorException($"opset {model.Opset}, not {OldestOpset} to {NewestOpset}", "model");
        }

        GraphInput input = GraphInput.Of(model.Graph, file, options.Sample);
        GraphEnd end = GraphEnd.Of(model.Graph, file);
        OnnxNode[] nodes = Needed(model.Graph, end.Value, file);
        var graph = new GraphImport(file, input.Sample) { Batch = input.Batch };
        graph.Count(nodes);
        foreach (OnnxTensor tensor in model.Graph.Initializers)
        {
            // Texts and the like matter only where something takes them.
            if (tensor.Type != OnnxType.Undefined)
            {
                graph.Set(tensor.Name, Constants.Of(tensor, file));
            }
        }

        graph.Set(input.Name, Start(graph, input, options.Input));
        foreach (OnnxNode node in nodes)
        {
            Add(new NodeImport(graph, node));
        }

        return Finish(graph, end, options);
    }

    private static void Add(NodeImport node)
    {
        if (Constants.Fold(node) is { } constant)
        {
            node.Set(constant);
            return;
        }

        if (!Operators.TryGetValue(node.Node.FullOperator, out Action<NodeImport>? operation))
        {
            throw node.Unsupported();
        }

        operation(node);
    }

    /// <summary>The nodes that a value is made with, in the file's order.</summary>
    /// <exception cref="InputException">Two nodes yield one value.</exception>
    private static OnnxNode[] Needed(OnnxGraph graph, string value, string file)
    {
        var makers = new Dictionary<string, OnnxNode>();
        foreach (OnnxNode node in graph.Nodes)
        {
            // Optional outputs that are left out have no name.
            foreach (string name in node.Outputs.Where(static name => name.Length > 0))
            {
                if (!makers.TryAdd(name, node))
                {
                    throw new InputException(file, $"value {name}", "two nodes or constants yield it", "one of them");
                }
            }
        }

        var needed = new HashSet<OnnxNode>(ReferenceEqualityComparer.Instance);
        var open = new Stack<string>([value]);
        while (open.TryPop(out string? name))
        {
            if (makers.TryGetValue(name, out OnnxNode? node) && needed.Add(node))
            {
                foreach (string input in node.Inputs)
                {
                    open.Push(input);
                }
            }
        }

        return [.. graph.Nodes.Where(needed.Contains)];
    }

    /// <summary>The input as the graph takes it, behind what the job says that it expects.</summary>
    private static ImportedActivation Start(GraphImport graph, GraphInput input, ExpectedInput? expected)
    {
        int node = GraphBuilder.Input;
        if (expected is not null)
        {
            (float[] mean, float[] scale) = expected.Of(input.Sample);
            bool isOne = scale.All(value => value == scale[0]);
            graph.Normalization = new InputNormalization(mean, isOne ? scale[0] : 1);
            graph.TakesNormalization = false;
            node = isOne ? node : graph.Scale(node, input.Sample, new float[scale.Length], scale, new float[scale.Length]);
        }

        if (input.Dimensions.Count == 1 && input.Sample.Rank == 3)
        {
            node = graph.Add("Flatten", place => new FlattenLayer(place, input.Sample), node);
        }

        return new ImportedActivation(node, input.Dimensions, input.Order);
    }

    private static ImportedNetwork Finish(GraphImport graph, GraphEnd end, ImportOptions options)
    {
        if (graph.Find(end.Value) is not ImportedActivation value)
        {
            throw new InputException(graph.File, $"output {end.Value}", "a value that no node makes of the input", "scores");
        }

        List<string> notes = [];
        int scores = value.Length;
        if (options.Output == ModelOutput.Logits && end.TakenOff is not null)
        {
            throw new InputException("model", "output", $"\"logits\", but the model ends in {end.TakenOff}", "\"probabilities\", or no output");
        }

        if (end.TakenOff is not null)
        {
            notes.Add($"The {end.TakenOff} at the model's end is taken off: it hides gradients and changes no decision.");
        }

        float[] thresholds = new float[scores];
        if (end.Thresholds is not null && graph.Find(end.Thresholds) is ImportedConstant constant)
        {
            float[] values = constant.AsFloats;
            thresholds = values.Length == 1 ? [.. thresholds.Select(_ => values[0])] : values.Length == scores ? values
                : throw new InputException(graph.File, $"output {end.Value}", $"{values.Length} thresholds of {scores} scores", "one, or one for each");
        }

        if (options.Output == ModelOutput.Probabilities && end.TakenOff is null)
        {
            notes.Add("No softmax or sigmoid was found at the model's end: attacks follow the probabilities themselves, which hide gradients where they are near 0 and 1.");
            thresholds = scores == 1 ? [.. thresholds.Select(static threshold => threshold + 0.5f)] : thresholds;
        }

        int vector = graph.Vector(value);
        IReadOnlyList<int>? columns = options.Columns;
        if (columns?.FirstOrDefault(column => column < 0 || column >= scores, -1) is int wrong and not -1)
        {
            throw new InputException(graph.File, $"output {end.Value}", $"{scores} scores", $"more than {wrong}");
        }

        if (columns is null && scores == 2)
        {
            columns = [1, 0];
            notes.Add("The model has two scores: what is attacked is their difference, the second, of the positive class, less the first.");
        }

        if (columns is { Count: 2 })
        {
            float[] row = new float[scores];
            row[columns[0]] += 1;
            row[columns[1]] -= 1;
            vector = LinearOperators.AddDense(graph, "Scores", vector, row, 1, null);
            thresholds = [thresholds[columns[0]] - thresholds[columns[1]]];
        }
        else if (columns is not null || vector != graph.Graph.Nodes.Count - 1 || graph.Graph.Nodes[vector].Layer is not DenseLayer)
        {
            columns ??= [.. Enumerable.Range(0, scores)];
            float[] rows = new float[graph.Elements("Scores", [columns.Count, scores])];
            for (int i = 0; i < columns.Count; i++)
            {
                rows[(i * scores) + columns[i]] = 1;
            }

            vector = LinearOperators.AddDense(graph, "Scores", vector, rows, columns.Count, null);
            thresholds = [.. columns.Select(column => thresholds[column])];
        }

        return Network(graph, vector, thresholds, notes);
    }

    /// <summary>The network without the nodes that its scores do not depend on.</summary>
    private static ImportedNetwork Network(GraphImport import, int end, float[] thresholds, List<string> notes)
    {
        IReadOnlyList<GraphNode> nodes = import.Graph.Nodes;
        var isNeeded = new bool[nodes.Count];
        isNeeded[end] = true;
        for (int i = end; i >= 0; i--)
        {
            foreach (int input in nodes[i].Inputs.Where(input => isNeeded[i] && input >= 0))
            {
                isNeeded[input] = true;
            }
        }

        Shape sample = import.Graph.ShapeOf(GraphBuilder.Input);
        var graph = new GraphBuilder(sample);
        var places = new int[nodes.Count];
        HashSet<string> layers = [];
        for (int i = 0; i <= end; i++)
        {
            if (isNeeded[i])
            {
                places[i] = graph.Add(nodes[i].Layer, [.. nodes[i].Inputs.Select(input => input < 0 ? input : places[input])]);
                layers.Add(nodes[i].Layer.Name);
            }
        }

        if (!isNeeded.Take(end + 1).Where((needed, i) => needed && nodes[i].Inputs.Contains(GraphBuilder.Input)).Any())
        {
            throw new InputException(import.File, "graph", "scores that do not depend on the input", "a network");
        }

        IReadOnlyList<NamedTensor> tensors = [.. import.Tensors.Where(tensor => layers.Contains(tensor.Name[..tensor.Name.LastIndexOf('.')]))];
        NamedTensor? broken = tensors.FirstOrDefault(static tensor => !tensor.Values.All(float.IsFinite));
        return broken is null
            ? new ImportedNetwork(NetworkArchitecture.Of(sample, graph), import.Normalization, tensors, thresholds, notes)
            : throw new InputException(import.File, broken.Name, "a value that is not finite", "finite weights");
    }
}
