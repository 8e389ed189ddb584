using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Importing;

/// <summary>Functions of each element.</summary>
internal static class ActivationOperators
{
    private const float SeluAlpha = 1.67326319f;
    private const float SeluGamma = 1.05070102f;

    public static IReadOnlyDictionary<string, Action<NodeImport>> All { get; } = new Dictionary<string, Action<NodeImport>>
    {
        ["Relu"] = node => Add(node, (place, shape) => new ReluLayer(place, shape)),
        ["LeakyRelu"] = node => Leaky(node, [node.Float("alpha", 0.01f)], null),
        ["PRelu"] = node => Leaky(node, node.Constant(1).AsFloats, node.Constant(1)),
        ["Elu"] = node => Function(node, ActivationKind.Elu, node.Float("alpha", 1), 1),
        ["Selu"] = node => Function(node, ActivationKind.Elu, node.Float("alpha", SeluAlpha), node.Float("gamma", SeluGamma)),
        ["Sigmoid"] = node => Function(node, ActivationKind.Sigmoid),
        ["Tanh"] = node => Function(node, ActivationKind.Tanh),
        ["Erf"] = node => Function(node, ActivationKind.Erf),
        ["Gelu"] = node => Function(node, node.Text("approximate", "none") == "tanh" ? ActivationKind.GeluTanh : ActivationKind.Gelu),
        ["HardSigmoid"] = node => Function(node, ActivationKind.HardSigmoid, node.Float("alpha", 0.2f), node.Float("beta", 0.5f)),
        ["HardSwish"] = node => Function(node, ActivationKind.HardSwish),
        ["Softplus"] = node => Function(node, ActivationKind.Softplus),
        ["Clip"] = Clip,
    };

    private static void Clip(NodeImport node)
    {
        float low = node.OptionalConstant(1)?.AsFloats[0] ?? node.Float("min", float.NegativeInfinity);
        float high = node.OptionalConstant(2)?.AsFloats[0] ?? node.Float("max", float.PositiveInfinity);
        if (!(low <= high))
        {
            throw node.Wrong($"the range [{low}, {high}]", "a smaller and a larger number");
        }

        if (low == 0 && high >= float.MaxValue)
        {
            Add(node, (place, shape) => new ReluLayer(place, shape));
            return;
        }

        Function(node, ActivationKind.Clip, Math.Max(low, float.MinValue), Math.Min(high, float.MaxValue));
    }

    private static void Function(NodeImport node, ActivationKind kind, float a = 0, float b = 0) => Add(node, (place, shape) => new ActivationLayer(place, shape, kind, a, b));

    private static void Add(NodeImport node, Func<LayerPlace, Shape, Layer> create)
    {
        ImportedActivation x = node.Activation(0);
        node.Graph.TakesNormalization &= x.Node >= 0;
        Shape shape = node.Graph.Graph.ShapeOf(x.Node);
        node.Set(x with { Node = node.Graph.Add(node.Node.Operator, place => create(place, shape), x.Node) });
    }

    /// <summary>x where it is above 0, else slope · x: one layer where the slopes are one number of [0, 1], else max(x, 0) − slope · max(−x, 0).</summary>
    private static void Leaky(NodeImport node, float[] slopes, ImportedConstant? like)
    {
        if (slopes.Length > 0 && slopes.All(slope => slope == slopes[0]) && slopes[0] is >= 0 and <= 1)
        {
            Add(node, (place, shape) => new LeakyReluLayer(place, shape, slopes[0]));
            return;
        }

        ImportedActivation x = node.Activation(0);
        node.Graph.TakesNormalization &= x.Node >= 0;
        GraphImport graph = node.Graph;
        bool isByChannel = like is not null && x.Dimensions.Count is 1 or 3 && ArithmeticOperators.Varying(node, x, like!) is [0];
        if (slopes.Length != 1 && !isByChannel)
        {
            throw node.Unsupported("with slopes that are not one number or one for each channel");
        }

        int source = x.Dimensions.Count == 3 && isByChannel ? graph.Image(x) : x.Node;
        Shape shape = graph.Graph.ShapeOf(source);
        float[] zeros = new float[shape[shape.Rank - 1]];
        int above = graph.Add("Relu", place => new ReluLayer(place, shape), source);
        int turned = graph.Scale(source, shape, zeros, [.. zeros.Select(static _ => -1f)], zeros);
        int below = graph.Add("Relu", place => new ReluLayer(place, shape), turned);
        int share = graph.Scale(below, shape, zeros, [.. zeros.Select((_, channel) => -slopes[slopes.Length == 1 ? 0 : channel])], zeros);
        node.Set(x with { Node = graph.Add("PRelu", place => new AddLayer(place, shape), above, share), Order = x.Dimensions.Count == 3 && isByChannel ? [1, 2, 0] : x.Order });
    }
}
