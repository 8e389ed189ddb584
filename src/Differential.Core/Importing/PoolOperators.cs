using Differential.Core.Networks;
using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;

namespace Differential.Core.Importing;

/// <summary>Poolings and means over axes.</summary>
internal static class PoolOperators
{
    public static IReadOnlyDictionary<string, Action<NodeImport>> All { get; } = new Dictionary<string, Action<NodeImport>>
    {
        ["MaxPool"] = MaxPool,
        ["AveragePool"] = AveragePool,
        ["GlobalAveragePool"] = GlobalAveragePool,
        ["ReduceMean"] = ReduceMean,
    };

    private static void MaxPool(NodeImport node)
    {
        (ImportedActivation x, WindowSteps[] steps) = Read(node);
        if (node.Node.Outputs.Count > 1)
        {
            throw node.Unsupported("with indices");
        }

        // Repeated elements at the edge change no maximum: a window that reaches over the edge holds the element there.
        int size = steps.Max(static step => step.Size);
        bool isSquare = steps[0].Size == steps[1].Size && steps[0].Stride == steps[1].Stride && steps.All(static step => step.Dilation == 1 && step.Before < step.Size);
        (ImportedActivation windows, int stride) = isSquare ? (Window.Padded(node.Graph, x, steps, fill: null), steps[0].Stride) : (Apart(node, x, steps, size), size);
        int image = node.Graph.Image(windows);
        var options = new MaxPoolOptions { Size = size, Stride = stride };
        Finish(node, node.Graph.Add("MaxPool", place => options.Create(place, node.Graph.Graph.ShapeOf(image)), image));
    }

    /// <summary>Windows of any shape one beside the other, each a square: what is left of it repeats an element of the window.</summary>
    private static ImportedActivation Apart(NodeImport node, ImportedActivation x, WindowSteps[] steps, int size)
    {
        int[][] from =
        [
            [.. Enumerable.Range(0, x.Dimensions[0])],
            .. Enumerable.Range(0, 2).Select(axis => Along(node, steps[axis], x.Dimensions[axis + 1], size)),
        ];
        return node.Graph.Select("Windows", node.Graph.Ordered(x, [1, 2, 0]), [.. from.Select(static axis => axis.Length)], from);
    }

    private static int[] Along(NodeImport node, WindowSteps steps, int inputs, int size)
    {
        var from = new List<int>();
        for (int output = 0; output < steps.Outputs(inputs); output++)
        {
            int[] inside = [.. Enumerable.Range(0, steps.Size).Select(i => (output * steps.Stride) + (i * steps.Dilation) - steps.Before).Where(index => index >= 0 && index < inputs)];
            if (inside.Length == 0)
            {
                throw node.Wrong("a window of padding alone", "windows that reach into the input");
            }

            from.AddRange(Enumerable.Range(0, size).Select(i => inside[Math.Min(i, inside.Length - 1)]));
        }

        return [.. from];
    }

    private static void AveragePool(NodeImport node)
    {
        (ImportedActivation x, WindowSteps[] steps) = Read(node);
        if (steps[0].Size != steps[1].Size || steps[0].Stride != steps[1].Stride || steps.Any(static step => step.Dilation != 1))
        {
            throw node.Unsupported("with windows that are not square");
        }

        (int size, int stride) = (steps[0].Size, steps[0].Stride);
        int image = node.Graph.Image(Window.Padded(node.Graph, x, steps, fill: 0));
        var options = new AveragePoolOptions { Size = size, Stride = stride };
        int pool = node.Graph.Add("AveragePool", place => options.Create(place, node.Graph.Graph.ShapeOf(image)), image);
        IReadOnlyList<long> pads = node.Integers("pads") ?? [0, 0, 0, 0];
        bool countsPadding = node.Integer("count_include_pad", 0) != 0;

        // Padding that is not counted was averaged in: each output is put right by its own window. What ceil_mode adds behind is never counted.
        int[][] counted = [.. Enumerable.Range(0, 2).Select(axis => Counted(steps[axis], x.Dimensions[axis + 1], countsPadding && pads.Count == 4 ? (int)pads[axis] : 0, countsPadding && pads.Count == 4 ? (int)pads[axis + 2] : 0))];
        if (counted.Any(axis => axis.Any(count => count != size)))
        {
            Shape shape = node.Graph.Graph.ShapeOf(pool);
            float[] factors = [.. Enumerable.Range(0, shape.Length).Select(i => (float)(size * size) / (counted[0][i / shape[2] / shape[1]] * counted[1][i / shape[2] % shape[1]]))];
            var vector = new Shape(shape.Length);
            int flat = node.Graph.Add("View", place => new ViewLayer(place, shape, vector), pool);
            int scaled = node.Graph.Scale(flat, vector, new float[factors.Length], factors, new float[factors.Length]);
            pool = node.Graph.Add("View", place => new ViewLayer(place, vector, shape), scaled);
        }

        Finish(node, pool);
    }

    /// <summary>By output, the elements of its window that count.</summary>
    private static int[] Counted(WindowSteps steps, int inputs, int before, int after) =>
    [
        .. Enumerable.Range(0, steps.Outputs(inputs)).Select(output =>
        {
            int start = (output * steps.Stride) - steps.Before;
            return Math.Max(1, Math.Min(start + steps.Size, inputs + after) - Math.Max(start, -before));
        }),
    ];

    private static void GlobalAveragePool(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        Mean(node, x, [.. Enumerable.Range(1, Math.Max(0, x.Dimensions.Count - 1))], keep: true);
    }

    private static void ReduceMean(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        int[] axes = node.IntegersOf("axes", 1) is { Count: > 0 } given
            ? [.. given.Select(axis => node.Axis(axis, x.Dimensions.Count)).Distinct().Order()]
            : throw node.Unsupported("over the batch");
        Mean(node, x, axes, node.Integer("keepdims", 1) != 0);
    }

    /// <summary>The mean over axes: of an image whose pixels they are and whose channels are the others.</summary>
    private static void Mean(NodeImport node, ImportedActivation x, int[] axes, bool keep)
    {
        int rank = x.Dimensions.Count;
        int[] kept = [.. Enumerable.Range(0, rank).Except(axes)];
        int pixels = axes.Aggregate(1, (product, axis) => product * x.Dimensions[axis]);
        int image = node.Graph.Node(x, [.. axes, .. kept], new Shape(pixels, 1, x.Length / pixels));
        int mean = node.Graph.Add("Mean", place => GlobalAveragePoolLayer.Create(place, node.Graph.Graph.ShapeOf(image)), image);
        node.Set(keep
            ? new ImportedActivation(mean, [.. x.Dimensions.Select((extent, axis) => axes.Contains(axis) ? 1 : extent)], [.. axes, .. kept])
            : new ImportedActivation(mean, [.. kept.Select(axis => x.Dimensions[axis])], ImportedActivation.RowMajor(kept.Length)));
    }

    private static (ImportedActivation X, WindowSteps[] Steps) Read(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        IReadOnlyList<long>? sizes = node.Integers("kernel_shape");
        if (x.Dimensions.Count != 3 || sizes is not { Count: 2 })
        {
            throw node.Unsupported($"of {x.Dimensions.Count - 1} dimensions");
        }

        return (x, Window.Of(node, [node.Small(sizes[0], "size", 1, 4096), node.Small(sizes[1], "size", 1, 4096)], [x.Dimensions[1], x.Dimensions[2]]));
    }

    private static void Finish(NodeImport node, int pool)
    {
        Shape output = node.Graph.Graph.ShapeOf(pool);
        node.Set(new ImportedActivation(pool, [output[2], output[0], output[1]], [1, 2, 0]));
    }
}
