using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Importing;

/// <summary>Sums, differences, products and quotients, with constants and between values.</summary>
internal static class ArithmeticOperators
{
    public static IReadOnlyDictionary<string, Action<NodeImport>> All { get; } = new Dictionary<string, Action<NodeImport>>
    {
        ["Add"] = node => Combine(node, '+'),
        ["Sub"] = node => Combine(node, '-'),
        ["Mul"] = node => Combine(node, '*'),
        ["Div"] = node => Combine(node, '/'),
        ["Neg"] = node => Scaled(node, node.Activation(0), [0], [-1], [0], ImportedConstant.Of(-1)),
        ["Pow"] = Power,
        ["BatchNormalization"] = BatchNormalization,
        ["ai.onnx.ml.Scaler"] = Scaler,
    };

    private static void Combine(NodeImport node, char sign)
    {
        (ImportedValue a, ImportedValue b) = (node.Value(0), node.Value(1));
        switch (a, b)
        {
            case (ImportedActivation x, ImportedActivation y):
                Between(node, x, y, sign);
                break;
            case (ImportedActivation x, ImportedConstant c):
                WithConstant(node, 0, x, c, sign);
                break;
            case (ImportedConstant c, ImportedActivation x) when sign is '+' or '*':
                WithConstant(node, 1, x, c, sign);
                break;
            case (ImportedConstant c, ImportedActivation x) when sign == '-':
                float[] values = c.AsFloats;
                Scaled(node, x, Zeros(values), [.. values.Select(static _ => -1f)], values, c);
                break;
            default:
                throw node.Unsupported("of a constant by a value");
        }
    }

    private static void WithConstant(NodeImport node, int input, ImportedActivation x, ImportedConstant constant, char sign)
    {
        float[] values = constant.AsFloats;
        bool isOfInput = x.Node < 0 && node.Graph.TakesNormalization && node.Graph.IsTakenOnce(node.Node.Inputs[input]);
        if (isOfInput && Normalized(node, x, constant, sign) is { } normalized)
        {
            node.Set(normalized);
            return;
        }

        float[] ones = [.. values.Select(static _ => 1f)];
        switch (sign)
        {
            case '+':
                Scaled(node, x, Zeros(values), ones, values, constant);
                break;
            case '-':
                Scaled(node, x, values, ones, Zeros(values), constant);
                break;
            case '*':
                Scaled(node, x, Zeros(values), values, Zeros(values), constant);
                break;
            default:
                Scaled(node, x, Zeros(values), [.. values.Select(static value => 1 / value)], Zeros(values), constant);
                break;
        }
    }

    /// <summary>The input less a mean of each channel, or then times one number; null where it is something else.</summary>
    private static ImportedActivation? Normalized(NodeImport node, ImportedActivation x, ImportedConstant constant, char sign)
    {
        InputNormalization known = node.Graph.Normalization;
        float[] values = constant.AsFloats;
        if (sign == '-' && known.IsIdentity && (values.Length == 1 || (Varying(node, x, constant) is [var axis] && axis == x.Order[^1] && values.Length == known.Mean.Count)))
        {
            node.Graph.Normalization = known with { Mean = [.. known.Mean.Select((_, channel) => values[values.Length == 1 ? 0 : channel])] };
            return x;
        }

        float factor = values.Length == 1 ? sign == '/' ? 1 / values[0] : values[0] : 0;
        if (sign is '*' or '/' && known.Scale == 1 && factor > 0 && float.IsFinite(factor))
        {
            node.Graph.Normalization = known with { Scale = factor };
            node.Graph.TakesNormalization = false;
            return x;
        }

        return null;
    }

    /// <summary>(x − center) · factor + offset with constants of one shape that the values' is stretched to.</summary>
    private static void Scaled(NodeImport node, ImportedActivation x, float[] center, float[] factor, float[] offset, ImportedConstant like)
    {
        node.Graph.TakesNormalization &= x.Node >= 0;
        int[] varying = Varying(node, x, like);
        GraphImport graph = node.Graph;
        if (varying.Length == 0 || (varying.Length == 1 && varying[0] == Innermost(x)))
        {
            // One number, or one for each index of the innermost axis: channels.
            int channels = varying.Length == 0 ? Math.Max(1, x.Order.Count == 0 ? 1 : x.Dimensions[x.Order[^1]]) : x.Dimensions[varying[0]];
            Shape shape = graph.Graph.ShapeOf(x.Node);
            if (shape[shape.Rank - 1] != channels)
            {
                Shape view = new(x.Length / channels, 1, channels);
                node.Set(x with { Node = graph.Scale(graph.Node(x, x.Order, view), view, Spread(center, channels), Spread(factor, channels), Spread(offset, channels)) });
                return;
            }

            node.Set(x with { Node = graph.Scale(x.Node, shape, Spread(center, channels), Spread(factor, channels), Spread(offset, channels)) });
            return;
        }

        int[] from = Broadcast(x, like);
        int length = graph.Elements(node.Node.Operator, x.Dimensions);
        var vector = new Shape(length);
        int flat = graph.Node(x, x.Order, vector);
        node.Set(x with { Node = graph.Scale(flat, vector, [.. from.Select(i => center[i])], [.. from.Select(i => factor[i])], [.. from.Select(i => offset[i])]) });
    }

    private static float[] Zeros(float[] like) => new float[like.Length];

    private static float[] Spread(float[] values, int count) => values.Length == count ? values : [.. Enumerable.Repeat(values[0], count)];

    /// <summary>The innermost axis that has more than one element, in the network's order.</summary>
    private static int Innermost(ImportedActivation x) => x.Order.LastOrDefault(axis => x.Dimensions[axis] > 1, -1);

    /// <summary>The axes of a value along which a constant differs; it has the value's shape, or one that is stretched to it.</summary>
    public static int[] Varying(NodeImport node, ImportedActivation x, ImportedConstant constant)
    {
        int rank = x.Dimensions.Count;
        int skipped = constant.Dimensions.Count - rank;
        bool fits = skipped <= 1 && (skipped < 1 || constant.Dimensions[0] == 1);
        List<int> varying = [];
        for (int i = Math.Max(0, skipped); i < constant.Dimensions.Count && fits; i++)
        {
            int axis = i - skipped;
            if (constant.Dimensions[i] != 1)
            {
                fits = constant.Dimensions[i] == x.Dimensions[axis];
                varying.Add(axis);
            }
        }

        return fits ? [.. varying] : throw node.Unsupported($"of a value [N, {string.Join(", ", x.Dimensions)}] and a constant [{string.Join(", ", constant.Dimensions)}]");
    }

    /// <summary>For each element of a value, in the network's order, the constant's.</summary>
    private static int[] Broadcast(ImportedActivation x, ImportedConstant constant)
    {
        int rank = x.Dimensions.Count;
        int skipped = constant.Dimensions.Count - rank;
        var strides = new int[rank];
        int stride = 1;
        for (int i = constant.Dimensions.Count - 1; i >= Math.Max(0, skipped); i--)
        {
            strides[i - skipped] = constant.Dimensions[i] == 1 ? 0 : stride;
            stride *= constant.Dimensions[i];
        }

        return GraphImport.Walk([.. x.Stored], [.. x.Order.Select(axis => strides[axis])]);
    }

    /// <summary>Values of one shape, or one that is stretched to the other's.</summary>
    private static void Between(NodeImport node, ImportedActivation a, ImportedActivation b, char sign)
    {
        node.Graph.TakesNormalization &= a.Node >= 0 && b.Node >= 0;
        if (!a.Dimensions.SequenceEqual(b.Dimensions))
        {
            if (a.Dimensions.Count != b.Dimensions.Count)
            {
                throw node.Unsupported($"of values [N, {string.Join(", ", a.Dimensions)}] and [N, {string.Join(", ", b.Dimensions)}]");
            }

            int[] common = [.. a.Dimensions.Zip(b.Dimensions, static (x, y) => Math.Max(x, y))];
            (a, b) = (Stretched(node, a, common), Stretched(node, b, common));
        }

        b = node.Graph.Ordered(b, a.Order);
        Shape shape = node.Graph.Graph.ShapeOf(a.Node);
        int second = node.Graph.Node(b, b.Order, shape);
        node.Set(a with
        {
            Node = sign switch
            {
                '+' => node.Graph.Add("Add", place => new AddLayer(place, shape), a.Node, second),
                '-' => node.Graph.Add("Sub", place => new ArithmeticLayer(place, shape, ArithmeticKind.Difference), a.Node, second),
                '*' => node.Graph.Add("Mul", place => new ArithmeticLayer(place, shape, ArithmeticKind.Product), a.Node, second),
                _ => node.Graph.Add("Div", place => new ArithmeticLayer(place, shape, ArithmeticKind.Quotient), a.Node, second),
            },
        });
    }

    private static ImportedActivation Stretched(NodeImport node, ImportedActivation value, int[] dimensions)
    {
        if (value.Dimensions.SequenceEqual(dimensions))
        {
            return value;
        }

        int[][] from =
        [
            .. dimensions.Select((extent, axis) => value.Dimensions[axis] == extent ? Enumerable.Range(0, extent).ToArray()
                : value.Dimensions[axis] == 1 ? new int[extent]
                : throw node.Wrong($"extents {value.Dimensions[axis]} and {extent}", "equal ones, or 1")),
        ];
        return node.Graph.Select("Expand", value, dimensions, from);
    }

    private static void Power(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        if (node.Constant(1) is not { Length: 1 } exponent || exponent.AsFloats[0] != 2)
        {
            throw node.Unsupported("other than a square");
        }

        Between(node, x, x, '*');
    }

    private static void BatchNormalization(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        float[][] values = [.. Enumerable.Range(1, 4).Select(input => node.Constant(input).AsFloats)];
        if (node.Integer("training_mode", 0) != 0 || x.Dimensions.Count is not (1 or 3) || values.Any(value => value.Length != x.Dimensions[0]))
        {
            throw node.Unsupported($"of {x.Dimensions.Count} axes, or in training");
        }

        node.Graph.TakesNormalization &= x.Node >= 0;
        int source = x.Dimensions.Count == 3 ? node.Graph.Image(x) : node.Graph.Vector(x);
        float epsilon = node.Float("epsilon", 1e-5f);
        bool isPlain = epsilon is >= 1e-12f and <= 1;
        var options = new BatchNormOptions { Epsilon = isPlain ? epsilon : 1e-12 };
        int norm = node.Graph.Add("BatchNormalization", place => new BatchNormLayer(place, node.Graph.Graph.ShapeOf(source), options), source);
        node.Graph.SetTensor(norm, LayerValue.Weight, values[0]);
        node.Graph.SetTensor(norm, LayerValue.Bias, values[1]);
        node.Graph.SetTensor(norm, BatchNormLayer.RunningMean, values[2]);
        node.Graph.SetTensor(norm, BatchNormLayer.RunningVariance, isPlain ? values[3] : [.. values[3].Select(value => value + epsilon)]);
        node.Set(x with { Node = norm, Order = x.Dimensions.Count == 3 ? [1, 2, 0] : [0] });
    }

    /// <summary>scikit-learn's (x − offset) · scale.</summary>
    private static void Scaler(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        if (x.Dimensions.Count != 1 || node.Floats("offset") is not { Count: > 0 } offset || node.Floats("scale") is not { } scale || scale.Count != offset.Count || (offset.Count != 1 && offset.Count != x.Length))
        {
            throw node.Unsupported("of other than vectors");
        }

        float[] center = [.. offset];
        Scaled(node, x, center, [.. scale], Zeros(center), new ImportedConstant([center.Length], center, null));
    }
}
