namespace Differential.Core.Importing;

/// <summary>New shapes, orders and parts of values. What changes no order of elements becomes no layer.</summary>
internal static class ShapeOperators
{
    public static IReadOnlyDictionary<string, Action<NodeImport>> All { get; } = new Dictionary<string, Action<NodeImport>>
    {
        ["Identity"] = node => node.Set(node.Activation(0)),
        ["Dropout"] = node => node.Set(node.Activation(0)),
        ["Cast"] = Cast,
        ["Shape"] = Shape,
        ["Flatten"] = Flatten,
        ["Reshape"] = Reshape,
        ["Squeeze"] = Squeeze,
        ["Unsqueeze"] = Unsqueeze,
        ["Transpose"] = Transpose,
        ["Concat"] = Concat,
        ["Pad"] = Pad,
        ["Slice"] = Slice,
        ["Split"] = Split,
        ["Gather"] = Gather,
    };

    private static void Cast(NodeImport node)
    {
        long type = node.Integer("to", 0);
        node.Set(type is 1 or 11 ? node.Activation(0) : throw node.Unsupported("to other than float32 or float64"));
    }

    private static void Shape(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        node.Set(ImportedConstant.Of([node.Graph.Batch, .. x.Dimensions.Select(static extent => (long)extent)]));
    }

    private static void Flatten(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        long axis = node.Integer("axis", 1);
        if (axis != 1 && axis != -x.Dimensions.Count)
        {
            throw node.Unsupported($"from axis {axis}");
        }

        node.Set(Reshaped(node, x, [x.Length]));
    }

    private static void Reshape(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        long[] asked = node.Constant(1).Integers ?? throw node.Wrong("a shape of other than integers", "integers");
        if (asked.Length == 0 || asked.Length > 16)
        {
            throw node.Unsupported($"to {asked.Length} axes");
        }

        long batch = node.Graph.Batch;
        bool keepsZero = node.Integer("allowzero", 0) != 0;
        var shape = new Int128[asked.Length];
        int open = -1;
        for (int i = 0; i < asked.Length; i++)
        {
            if (asked[i] == 0 && !keepsZero)
            {
                shape[i] = i == 0 ? batch : i <= x.Dimensions.Count ? x.Dimensions[i - 1] : throw node.Wrong($"a 0 at axis {i}", "an axis that the value has");
            }
            else if (asked[i] == -1 && open < 0)
            {
                (open, shape[i]) = (i, 1);
            }
            else
            {
                shape[i] = asked[i] > 0 ? asked[i] : throw node.Wrong($"an extent of {asked[i]}", "at least 1, 0 for the value's own, or one -1");
            }
        }

        // Known extents stay below 2⁶³ each; sixteen of them may go beyond 128 bits.
        Int128 product = 1;
        Int128 total = (Int128)batch * x.Length;
        foreach (Int128 extent in shape)
        {
            product = product <= total ? product * extent : throw Unequal();
        }

        if (open >= 0)
        {
            shape[open] = total % product == 0 ? total / product : throw Unequal();
            product *= shape[open];
        }

        if (product != total)
        {
            throw Unequal();
        }

        if (shape[0] != batch)
        {
            throw node.Unsupported("over the batch");
        }

        node.Set(Reshaped(node, x, [.. shape.Skip(1).Select(static extent => (int)extent)]));

        InputException Unequal() => node.Wrong($"the shape [{string.Join(", ", asked)}] of values [N, {string.Join(", ", x.Dimensions)}]", "as many elements");
    }

    /// <summary>The value under other extents, in the file's order.</summary>
    private static ImportedActivation Reshaped(NodeImport node, ImportedActivation x, int[] dimensions)
    {
        // Axes of one element come and go without a move.
        int[] before = [.. Enumerable.Range(0, x.Dimensions.Count).Where(axis => x.Dimensions[axis] > 1)];
        int[] after = [.. Enumerable.Range(0, dimensions.Length).Where(axis => dimensions[axis] > 1)];
        if (before.Select(axis => x.Dimensions[axis]).SequenceEqual(after.Select(axis => dimensions[axis])))
        {
            IEnumerable<int> single = Enumerable.Range(0, dimensions.Length).Where(axis => dimensions[axis] == 1);
            return x with { Dimensions = dimensions, Order = [.. single, .. x.Order.Where(axis => x.Dimensions[axis] > 1).Select(axis => after[Array.IndexOf(before, axis)])] };
        }

        ImportedActivation ordered = node.Graph.Ordered(x, ImportedActivation.RowMajor(x.Dimensions.Count));
        return ordered with { Dimensions = dimensions, Order = ImportedActivation.RowMajor(dimensions.Length) };
    }

    private static void Squeeze(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        int[] axes = node.IntegersOf("axes", 1) is { } given
            ? [.. given.Select(axis => node.Axis(axis, x.Dimensions.Count))]
            : [.. Enumerable.Range(0, x.Dimensions.Count).Where(axis => x.Dimensions[axis] == 1)];
        if (axes.Any(axis => x.Dimensions[axis] != 1))
        {
            throw node.Wrong($"the axes {string.Join(", ", axes)} of values [N, {string.Join(", ", x.Dimensions)}]", "axes of 1");
        }

        node.Set(Reshaped(node, x, [.. x.Dimensions.Where((_, axis) => !axes.Contains(axis))]));
    }

    private static void Unsqueeze(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        IReadOnlyList<long> given = node.IntegersOf("axes", 1) ?? throw node.Wrong("no axes", "one or more");
        int rank = x.Dimensions.Count + given.Count;
        int[] axes = [.. given.Select(axis => node.Axis(axis, rank)).Distinct()];
        if (axes.Length != given.Count || rank > 15)
        {
            throw node.Wrong($"the axes {string.Join(", ", given)}", "each once, for at most 16 axes");
        }

        var rest = new Queue<int>(x.Dimensions);
        node.Set(Reshaped(node, x, [.. Enumerable.Range(0, rank).Select(axis => axes.Contains(axis) ? 1 : rest.Dequeue())]));
    }

    private static void Transpose(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        int rank = x.Dimensions.Count;
        long[] perm = [.. node.Integers("perm") ?? [.. Enumerable.Range(0, rank + 1).Reverse().Select(static axis => (long)axis)]];
        if (!perm.Order().SequenceEqual(Enumerable.Range(0, rank + 1).Select(static axis => (long)axis)))
        {
            throw node.Wrong($"the order [{string.Join(", ", perm)}] of {rank + 1} axes", "each axis once");
        }

        if (perm[0] != 0)
        {
            throw node.Unsupported("of the batch");
        }

        int[] old = [.. perm.Skip(1).Select(static axis => (int)axis - 1)];
        node.Set(x with { Dimensions = [.. old.Select(axis => x.Dimensions[axis])], Order = [.. x.Order.Select(axis => Array.IndexOf(old, axis))] });
    }

    private static void Concat(NodeImport node)
    {
        ImportedActivation[] parts = [.. Enumerable.Range(0, node.Inputs).Select(node.Activation)];
        ImportedActivation first = parts[0];
        int rank = first.Dimensions.Count;
        int axis = node.Axis(node.Integer("axis", 0), rank);
        if (parts.Any(part => part.Dimensions.Count != rank || part.Dimensions.Where((extent, i) => i != axis && extent != first.Dimensions[i]).Any()))
        {
            throw node.Wrong("values whose other axes differ", "equal ones");
        }

        node.Graph.TakesNormalization &= parts.All(static part => part.Node >= 0);
        int[] dimensions = [.. first.Dimensions.Select((extent, i) => i == axis ? node.Small(parts.Sum(part => (long)part.Dimensions[i]), "extent", 1, int.MaxValue) : extent)];
        parts = [.. parts.Select(part => node.Graph.Ordered(part, first.Order))];
        node.Set(new ImportedActivation(node.Graph.Join(parts, axis, dimensions), dimensions, first.Order));
    }

    private static void Pad(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        int rank = x.Dimensions.Count;
        IReadOnlyList<long> pads = node.IntegersOf("pads", 1) ?? throw node.Wrong("no pads", "two for each axis");
        long[] axes = node.OptionalConstant(3)?.Integers ?? [.. Enumerable.Range(0, rank + 1).Select(static axis => (long)axis)];
        if (pads.Count != 2 * axes.Length)
        {
            throw node.Wrong($"{pads.Count} pads for {axes.Length} axes", $"{2 * axes.Length}");
        }

        string mode = node.Text("mode", "constant");
        float fill = node.OptionalConstant(2)?.AsFloats.FirstOrDefault() ?? node.Float("value", 0);
        int[][] from = [.. x.Dimensions.Select(static extent => Enumerable.Range(0, extent).ToArray())];
        for (int i = 0; i < axes.Length; i++)
        {
            (int before, int after) = (node.Small(pads[i], "padding", -(1 << 20)), node.Small(pads[i + axes.Length], "padding", -(1 << 20)));
            if (before != 0 || after != 0)
            {
                int axis = node.Axis(axes[i], rank);
                from[axis] = Along(node, mode, x.Dimensions[axis], before, after);
            }
        }

        node.Graph.TakesNormalization &= x.Node >= 0;
        node.Set(node.Graph.Select("Pad", x, [.. from.Select(static axis => axis.Length)], from, fill));
    }

    private static int[] Along(NodeImport node, string mode, int extent, int before, int after)
    {
        int length = node.Small((long)extent + before + after, "padded extent", 1, 1 << 21);
        if (mode == "reflect" && (before >= extent || after >= extent))
        {
            throw node.Wrong($"a reflection of {Math.Max(before, after)} of {extent} elements", "less than there are");
        }

        return
        [
            .. Enumerable.Range(-before, length).Select(index => index >= 0 && index < extent ? index : mode switch
            {
                "constant" => -1,
                "edge" => Math.Clamp(index, 0, extent - 1),
                "reflect" => index < 0 ? -index : (2 * (extent - 1)) - index,
                _ => throw node.Unsupported($"by mode '{mode}'"),
            }),
        ];
    }

    private static void Slice(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        Selected(node, "Slice", x, Constants.SlicedAxes(node, x.Dimensions, axis => node.Axis(axis, x.Dimensions.Count)));
    }

    private static void Split(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        int axis = node.Axis(node.Integer("axis", 0), x.Dimensions.Count);
        int outputs = node.Node.Outputs.Count;
        int extent = x.Dimensions[axis];
        int each = (extent + outputs - 1) / Math.Max(1, outputs);
        IReadOnlyList<long> sizes = node.IntegersOf("split", 1) ?? [.. Enumerable.Range(0, outputs).Select(i => (long)Math.Clamp(extent - (i * each), 0, each))];
        if (sizes.Count != outputs || sizes.Any(size => size < 1 || size > extent) || sizes.Sum() != extent)
        {
            throw node.Wrong($"parts of {string.Join(", ", sizes)} of {extent}", "parts of at least 1 that make up the whole");
        }

        node.Graph.TakesNormalization &= x.Node >= 0;
        int start = 0;
        for (int i = 0; i < outputs; i++)
        {
            int[][] from = [.. x.Dimensions.Select((length, k) => k == axis ? Enumerable.Range(start, (int)sizes[i]).ToArray() : [.. Enumerable.Range(0, length)])];
            node.Graph.Set(node.Node.Outputs[i], node.Graph.Select("Split", x, [.. from.Select(static part => part.Length)], from));
            start += (int)sizes[i];
        }
    }

    private static void Gather(NodeImport node)
    {
        ImportedActivation x = node.Activation(0);
        ImportedConstant indices = node.Constant(1);
        int axis = node.Axis(node.Integer("axis", 0), x.Dimensions.Count);
        if (indices.Integers is not { Length: > 0 } list || indices.Dimensions.Count > 1 || list.Any(index => index < -x.Dimensions[axis] || index >= x.Dimensions[axis]))
        {
            throw node.Unsupported("by other than a list of indices that are there");
        }

        int[][] from = [.. x.Dimensions.Select((extent, k) => k == axis ? list.Select(index => (int)(index < 0 ? index + extent : index)).ToArray() : [.. Enumerable.Range(0, extent)])];
        node.Graph.TakesNormalization &= x.Node >= 0;
        ImportedActivation picked = node.Graph.Select("Gather", x, [.. from.Select(static part => part.Length)], from);
        node.Set(indices.Dimensions.Count == 0 ? Reshaped(node, picked, [.. picked.Dimensions.Where((_, k) => k != axis)]) : picked);
    }

    private static void Selected(NodeImport node, string kind, ImportedActivation x, int[][] from)
    {
        if (from.Any(static axis => axis.Length == 0))
        {
            throw node.Wrong("an empty part", "at least one element");
        }

        node.Graph.TakesNormalization &= x.Node >= 0;
        node.Set(node.Graph.Select(kind, x, [.. from.Select(static axis => axis.Length)], from));
    }
}
