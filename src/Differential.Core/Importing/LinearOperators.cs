using Differential.Core.Networks;
using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;

namespace Differential.Core.Importing;

/// <summary>Convolutions and matrix products with constant weights.</summary>
internal static class LinearOperators
{
    public static IReadOnlyDictionary<string, Action<NodeImport>> All { get; } = new Dictionary<string, Action<NodeImport>>
    {
        ["Conv"] = Conv,
        ["Gemm"] = Gemm,
        ["MatMul"] = MatMul,
    };

    private static void Conv(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        ImportedConstant weight = node.Constant(1);
        if (x.Dimensions.Count != 3 || weight.Dimensions.Count != 4)
        {
            throw node.Unsupported($"of {weight.Dimensions.Count - 2} dimensions");
        }

        int groups = node.Small(node.Integer("group", 1), "group", 1);
        (int filters, int channels) = (weight.Dimensions[0], weight.Dimensions[1]);
        if (filters < 1 || filters % groups != 0 || (long)channels * groups != x.Dimensions[0])
        {
            throw node.Wrong($"weights [{string.Join(", ", weight.Dimensions)}] in {groups} groups on {x.Dimensions[0]} channels", "as many channels in the weights, times the groups, and filters that the groups divide");
        }

        WindowSteps[] steps = Window.Of(node, [weight.Dimensions[2], weight.Dimensions[3]], [x.Dimensions[1], x.Dimensions[2]]);
        ImportedConstant? bias = node.OptionalConstant(2);
        int convolution = Add(node, x, steps, groups, filters, bias is not null);
        node.Graph.SetTensor(convolution, LayerValue.Weight, weight.AsFloats);
        if (bias is not null)
        {
            node.Graph.SetTensor(convolution, LayerValue.Bias, bias.AsFloats);
        }

        Shape output = node.Graph.Graph.ShapeOf(convolution);
        node.Set(new ImportedActivation(convolution, [output[2], output[0], output[1]], [1, 2, 0]));
    }

    /// <summary>Square windows of one step take the fast layer, behind a padding of their own where the sides differ; all others the direct one.</summary>
    private static int Add(NodeImport node, ImportedActivation x, WindowSteps[] steps, int groups, int filters, bool bias)
    {
        (WindowSteps v, WindowSteps h) = (steps[0], steps[1]);
        if (groups > 1 || v.Size != h.Size || v.Stride != h.Stride || v.Extent != v.Size || h.Extent != h.Size)
        {
            int image = node.Graph.Image(x);
            Shape shape = node.Graph.Graph.ShapeOf(image);
            return node.Graph.Add("Conv", place => new GroupConvLayer(place, shape, Checked(new GroupConv2dGeometry(shape[0], shape[1], shape[2], filters, groups, v, h)), bias), image);
        }

        int padding = new[] { v.Before, v.After, h.Before, h.After }.Min();
        ImportedActivation padded = Window.Padded(node.Graph, x, [v with { Before = v.Before - padding, After = v.After - padding }, h with { Before = h.Before - padding, After = h.After - padding }], 0);
        int source = node.Graph.Image(padded);
        var options = new ConvOptions { Filters = filters, Size = v.Size, Stride = v.Stride, Padding = padding, Bias = bias };
        return node.Graph.Add("Conv", place => options.Create(place, node.Graph.Graph.ShapeOf(source)), source);
    }

    private static GroupConv2dGeometry Checked(GroupConv2dGeometry geometry)
    {
        geometry.Validate();
        return geometry;
    }

    private static void Gemm(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        ImportedConstant b = node.Constant(1);
        if (node.Integer("transA", 0) != 0 || x.Dimensions.Count != 1 || b.Dimensions.Count != 2)
        {
            throw node.Unsupported("of a transposed batch, or of other than matrices");
        }

        bool transposed = node.Integer("transB", 0) != 0;
        (int inputs, int units) = transposed ? (b.Dimensions[1], b.Dimensions[0]) : (b.Dimensions[0], b.Dimensions[1]);
        float[]? bias = null;
        if (node.OptionalConstant(2) is { } c)
        {
            float beta = node.Float("beta", 1);
            float[] values = c.AsFloats;
            bool isRow = c.Dimensions.SkipLast(1).All(static extent => extent == 1) && (values.Length == units || values.Length == 1);
            bias = isRow ? [.. Enumerable.Range(0, units).Select(i => beta * values[values.Length == 1 ? 0 : i])] : throw node.Unsupported("with a matrix to be added");
        }

        float alpha = node.Float("alpha", 1);
        float[] weight = transposed ? b.AsFloats : Transposed(b.AsFloats, inputs, units);
        Dense(node, x, [.. weight.Select(value => alpha * value)], inputs, units, bias);
    }

    private static void MatMul(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        ImportedConstant b = node.Constant(1);
        if (b.Dimensions.Count != 2 || x.Dimensions.Count == 0)
        {
            throw node.Unsupported("of other than a matrix");
        }

        (int inputs, int units) = (b.Dimensions[0], b.Dimensions[1]);
        if (x.Dimensions.Count == 1)
        {
            Dense(node, x, Transposed(b.AsFloats, inputs, units), inputs, units, null);
            return;
        }

        // The same matrix for each index of the other axes: a convolution of one pixel.
        if (x.Dimensions[^1] != inputs)
        {
            throw Unequal(node, x.Dimensions[^1], inputs);
        }

        int[] order = ImportedActivation.RowMajor(x.Dimensions.Count);
        int image = node.Graph.Node(x, order, new Shape(x.Length / inputs, 1, inputs));
        var options = new ConvOptions { Filters = units, Size = 1, Bias = false };
        int product = node.Graph.Add("MatMul", place => options.Create(place, node.Graph.Graph.ShapeOf(image)), image);
        node.Graph.SetTensor(product, LayerValue.Weight, Transposed(b.AsFloats, inputs, units));
        node.Set(new ImportedActivation(product, [.. x.Dimensions.SkipLast(1), units], order));
    }

    private static void Dense(NodeImport node, ImportedActivation x, float[] weight, int inputs, int units, float[]? bias)
    {
        if (x.Length != inputs)
        {
            throw Unequal(node, x.Length, inputs);
        }

        int dense = AddDense(node.Graph, node.Node.Operator, node.Graph.Vector(x), weight, units, bias);
        node.Set(new ImportedActivation(dense, [units], [0]));
    }

    /// <summary>A dense layer.</summary>
    /// <param name="graph">The network so far.</param>
    /// <param name="kind">What the layer's name ends with.</param>
    /// <param name="source">The node of a vector.</param>
    /// <param name="weight">[units, inputs].</param>
    /// <param name="units">Outputs.</param>
    /// <param name="bias">[units]; null for none.</param>
    public static int AddDense(GraphImport graph, string kind, int source, float[] weight, int units, float[]? bias)
    {
        var options = new DenseOptions { Units = units, Bias = bias is not null };
        int dense = graph.Add(kind, place => options.Create(place, graph.Graph.ShapeOf(source)), source);
        graph.SetTensor(dense, LayerValue.Weight, weight);
        if (bias is not null)
        {
            graph.SetTensor(dense, LayerValue.Bias, bias);
        }

        return dense;
    }

    private static float[] Transposed(float[] values, int rows, int columns)
    {
        var transposed = new float[values.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                transposed[(column * rows) + row] = values[(row * columns) + column];
            }
        }

        return transposed;
    }

    private static InputException Unequal(NodeImport node, int found, int inputs) => node.Wrong($"vectors of {found} for a matrix of {inputs} rows", $"{inputs}");
}
