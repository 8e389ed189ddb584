using Differential.Kernels.Convolution;

namespace Differential.Core.Importing;

/// <summary>Windows of convolutions and poolings, from a node's attributes.</summary>
internal static class Window
{
    /// <summary>Steps along rows and columns.</summary>
    /// <param name="node">With <c>strides</c>, <c>dilations</c>, <c>pads</c> or <c>auto_pad</c>, and <c>ceil_mode</c>.</param>
    /// <param name="sizes">Of the window.</param>
    /// <param name="inputs">Rows and columns.</param>
    /// <exception cref="InputException">An attribute is out of its range, or the window is larger than the padded input.</exception>
    public static WindowSteps[] Of(NodeImport node, IReadOnlyList<int> sizes, IReadOnlyList<int> inputs)
    {
        IReadOnlyList<long> strides = Two(node, "strides", 2) ?? [1, 1];
        IReadOnlyList<long> dilations = Two(node, "dilations", 2) ?? [1, 1];
        IReadOnlyList<long> pads = Two(node, "pads", 4) ?? [0, 0, 0, 0];
        string auto = node.Text("auto_pad", "NOTSET");
        bool ceiling = node.Integer("ceil_mode", 0) != 0;
        return
        [
            .. Enumerable.Range(0, 2).Select(axis =>
            {
                var steps = new WindowSteps(
                    node.Small(sizes[axis], "size", 1, 4096),
                    node.Small(strides[axis], "stride", 1),
                    node.Small(dilations[axis], "dilation", 1, 4096),
                    node.Small(pads[axis], "padding", 0, 4096),
                    node.Small(pads[axis + 2], "padding", 0, 4096));
                steps = Automatic(node, auto, steps, inputs[axis]);
                if (steps.Extent > inputs[axis] + steps.Before + steps.After)
                {
                    throw node.Wrong($"a window of {steps.Extent} on {inputs[axis]} with a padding of {steps.Before} and {steps.After}", "a window within the padded input");
                }

                return ceiling ? Widened(steps, inputs[axis]) : steps;
            }),
        ];
    }

    /// <summary>A value [channels, height, width] with a padding of its own.</summary>
    /// <param name="graph">The network so far.</param>
    /// <param name="x">The value.</param>
    /// <param name="steps">Along rows and columns.</param>
    /// <param name="fill">What it is filled with; null repeats the elements at the edge.</param>
    public static ImportedActivation Padded(GraphImport graph, ImportedActivation x, IReadOnlyList<WindowSteps> steps, float? fill)
    {
        if (steps.All(static step => step.Before == 0 && step.After == 0))
        {
            return x;
        }

        int[][] from =
        [
            [.. Enumerable.Range(0, x.Dimensions[0])],
            .. Enumerable.Range(0, 2).Select(axis => Enumerable.Range(-steps[axis].Before, x.Dimensions[axis + 1] + steps[axis].Before + steps[axis].After)
                .Select(index => index >= 0 && index < x.Dimensions[axis + 1] ? index : fill is null ? Math.Clamp(index, 0, x.Dimensions[axis + 1] - 1) : -1)
                .ToArray()),
        ];
        return graph.Select("Pad", graph.Ordered(x, [1, 2, 0]), [.. from.Select(static axis => axis.Length)], from, fill ?? 0);
    }

    /// <summary>The paddings that <c>auto_pad</c> asks for.</summary>
    private static WindowSteps Automatic(NodeImport node, string auto, WindowSteps steps, int inputs)
    {
        switch (auto)
        {
            case "NOTSET":
                return steps;
            case "VALID":
                return steps with { Before = 0, After = 0 };
            case "SAME_UPPER" or "SAME_LOWER":
                int outputs = ((inputs - 1) / steps.Stride) + 1;
                int total = Math.Max(0, ((outputs - 1) * steps.Stride) + steps.Extent - inputs);
                int less = total / 2;
                return auto == "SAME_UPPER" ? steps with { Before = less, After = total - less } : steps with { Before = total - less, After = less };
            default:
                throw node.Wrong($"auto_pad '{auto}'", "NOTSET, VALID, SAME_UPPER or SAME_LOWER");
        }
    }

    /// <summary>Pads behind, so that the last window begins where it does by <c>ceil_mode</c>: within the input or the padding before it.</summary>
    private static WindowSteps Widened(WindowSteps steps, int inputs)
    {
        int room = inputs + steps.Before + steps.After - steps.Extent;
        int outputs = ((room + steps.Stride - 1) / steps.Stride) + 1;
        if ((outputs - 1) * steps.Stride >= inputs + steps.Before)
        {
            outputs--;
        }

        return steps with { After = Math.Max(steps.After, ((outputs - 1) * steps.Stride) + steps.Extent - inputs - steps.Before) };
    }

    private static IReadOnlyList<long>? Two(NodeImport node, string name, int count) => node.Integers(name) is not { } values
        ? null
        : values.Count == count ? values : throw node.Unsupported($"with {values.Count} {name}");
}
