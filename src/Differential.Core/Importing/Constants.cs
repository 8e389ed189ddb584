using Differential.Core.Onnx;

namespace Differential.Core.Importing;

/// <summary>
/// Nodes whose inputs are all constants are computed when the file is read: what exporters leave of shapes, and weights that are put in order first.
/// What comes out has at most <see cref="MaxElements"/> elements, and all of it together <see cref="MaxTotal"/>.
/// </summary>
internal static class Constants
{
    private const int MaxElements = 1 << 26;

    private const long MaxTotal = 1L << 28;

    private static readonly Dictionary<string, Func<NodeImport, ImportedConstant>> All = new()
    {
        ["Identity"] = static node => node.Constant(0),
        ["Dropout"] = static node => node.Constant(0),
        ["Cast"] = Cast,
        ["Shape"] = static node => ImportedConstant.Of([.. node.Constant(0).Dimensions.Select(static extent => (long)extent)]),
        ["Add"] = static node => Pairwise(node, static (a, b) => a + b, static (a, b) => unchecked(a + b)),
        ["Sub"] = static node => Pairwise(node, static (a, b) => a - b, static (a, b) => unchecked(a - b)),
        ["Mul"] = static node => Pairwise(node, static (a, b) => a * b, static (a, b) => unchecked(a * b)),
        ["Div"] = static node => Pairwise(node, static (a, b) => a / b, (a, b) => b is 0 or -1 ? throw node.Unsupported($"by {b}") : a / b),
        ["Neg"] = static node => Each(node, static value => -value),
        ["Sqrt"] = static node => Each(node, MathF.Sqrt),
        ["Exp"] = static node => Each(node, MathF.Exp),
        ["Reciprocal"] = static node => Each(node, static value => 1 / value),
        ["Floor"] = static node => Each(node, MathF.Floor),
        ["Concat"] = Concat,
        ["Gather"] = Gather,
        ["Slice"] = Slice,
        ["Squeeze"] = Squeeze,
        ["Unsqueeze"] = Unsqueeze,
        ["Reshape"] = Reshape,
        ["Flatten"] = Flatten,
        ["Transpose"] = Transpose,
        ["ConstantOfShape"] = ConstantOfShape,
    };

    /// <summary>A constant node, or one of constants alone, computed; null where it is neither.</summary>
    public static ImportedConstant? Fold(NodeImport node)
    {
        if (node.Node.Operator == "Constant")
        {
            return Constant(node);
        }

        bool isConstant = node.Inputs > 0 && Enumerable.Range(0, node.Inputs).All(input => !node.Has(input) || node.Value(input) is ImportedConstant);
        return isConstant && All.TryGetValue(node.Node.Operator, out Func<NodeImport, ImportedConstant>? compute) ? Counted(node, compute(node)) : null;
    }

    /// <summary>A file's constant.</summary>
    /// <exception cref="InputException">Its elements are of a type that is not read.</exception>
    public static ImportedConstant Of(OnnxTensor tensor, string file) => tensor.Type == OnnxType.Undefined
        ? throw new InputException(file, OnnxTensorReader.Place(tensor.Name), "elements that are no numbers", "floats or integers")
        : tensor.IsInteger ? new ImportedConstant(tensor.Dimensions, null, tensor.Integers()) : new ImportedConstant(tensor.Dimensions, tensor.Floats(), null);

    /// <summary>The indices that a slice takes.</summary>
    public static int[] Sliced(NodeImport node, int extent, long start, long end, long step)
    {
        if (step == 0)
        {
            throw node.Wrong("a step of 0", "another one");
        }

        long first = Math.Clamp(start < 0 ? start + extent : start, 0, step < 0 ? extent - 1 : extent);
        long last = Math.Clamp(end < 0 ? Math.Max(end, -(1L << 40)) + extent : end, step < 0 ? -1 : 0, extent);
        var indices = new List<int>();
        for (Int128 i = first; step > 0 ? i < last : i > last; i += step)
        {
            indices.Add((int)i);
        }

        return [.. indices];
    }

    private static ImportedConstant Counted(NodeImport node, ImportedConstant constant)
    {
        node.Graph.Folded += constant.Length;
        return node.Graph.Folded <= MaxTotal ? constant : throw node.Wrong("constants of too many elements", $"at most {MaxTotal} in those that are computed");
    }

    private static ImportedConstant Constant(NodeImport node) =>
        node.Node.Attributes.TryGetValue("value", out OnnxAttribute? value) && value.Tensor is { } tensor ? Of(tensor, node.Graph.File)
        : node.Node.Attributes.TryGetValue("value_float", out value) && value.Float is { } number ? new ImportedConstant([], [number], null)
        : node.Node.Attributes.TryGetValue("value_int", out value) && value.Integer is { } integer ? new ImportedConstant([], null, [integer])
        : node.Node.Attributes.TryGetValue("value_floats", out value) && value.Floats is { } numbers ? new ImportedConstant([numbers.Count], [.. numbers], null)
        : node.Node.Attributes.TryGetValue("value_ints", out value) && value.Integers is { } integers ? new ImportedConstant([integers.Count], null, [.. integers])
        : throw node.Unsupported("of other than numbers");

    private static ImportedConstant Cast(NodeImport node)
    {
        ImportedConstant x = node.Constant(0);
        return (OnnxType)node.Integer("to", 0) switch
        {
            OnnxType.Float32 or OnnxType.Float64 => x with { Floats = x.AsFloats, Integers = null },
            OnnxType.Int32 or OnnxType.Int64 => x with { Floats = null, Integers = x.Integers ?? [.. x.Floats!.Select(static value => (long)value)] },
            _ => throw node.Unsupported("to other than floats and integers"),
        };
    }

    private static ImportedConstant Each(NodeImport node, Func<float, float> function)
    {
        ImportedConstant x = node.Constant(0);
        return x with { Floats = [.. x.AsFloats.Select(function)], Integers = null };
    }

    private static ImportedConstant Pairwise(NodeImport node, Func<float, float, float> floats, Func<long, long, long> integers)
    {
        (ImportedConstant a, ImportedConstant b) = (node.Constant(0), node.Constant(1));
        int rank = Math.Max(a.Dimensions.Count, b.Dimensions.Count);
        (int[] left, int[] right) = (Aligned(a, rank), Aligned(b, rank));
        int[] common = [.. left.Zip(right, (x, y) => x == y || y == 1 ? x : x == 1 ? y : throw node.Wrong($"extents {x} and {y}", "equal ones, or 1"))];
        Length(node, common);
        int[] fromA = GraphImport.Walk(common, Strides(left));
        int[] fromB = GraphImport.Walk(common, Strides(right));
        return a.Integers is not null && b.Integers is not null
            ? new ImportedConstant(common, null, [.. fromA.Zip(fromB, (i, k) => integers(a.Integers[i], b.Integers[k]))])
            : new ImportedConstant(common, Floats(a.AsFloats, b.AsFloats), null);

        float[] Floats(float[] x, float[] y) => [.. fromA.Zip(fromB, (i, k) => floats(x[i], y[k]))];

        static int[] Aligned(ImportedConstant constant, int rank) => [.. Enumerable.Repeat(1, rank - constant.Dimensions.Count), .. constant.Dimensions];
    }

    private static ImportedConstant Concat(NodeImport node)
    {
        ImportedConstant[] parts = [.. Enumerable.Range(0, node.Inputs).Select(node.Constant)];
        int rank = parts[0].Dimensions.Count;
        int axis = Axis(node, node.Integer("axis", 0), rank);
        if (parts.Any(part => part.Dimensions.Count != rank || part.Dimensions.Where((extent, i) => i != axis && extent != parts[0].Dimensions[i]).Any()))
        {
            throw node.Wrong("constants whose other axes differ", "equal ones");
        }

        int[] dimensions = [.. parts[0].Dimensions.Select((extent, i) => i == axis ? node.Small(parts.Sum(part => (long)part.Dimensions[i]), "extent", 0, MaxElements) : extent)];
        Length(node, dimensions);
        int outer = dimensions.Take(axis).Aggregate(1, static (product, extent) => product * extent);
        bool isInteger = parts.All(static part => part.Integers is not null);
        return isInteger
            ? new ImportedConstant(dimensions, null, [.. Enumerable.Range(0, outer).SelectMany(i => parts.SelectMany(part => part.Integers!.Skip(i * (part.Length / outer)).Take(part.Length / outer)))])
            : new ImportedConstant(dimensions, [.. Enumerable.Range(0, outer).SelectMany(i => parts.SelectMany(part => part.AsFloats.Skip(i * (part.Length / outer)).Take(part.Length / outer)))], null);
    }

    private static ImportedConstant Gather(NodeImport node)
    {
        (ImportedConstant x, ImportedConstant indices) = (node.Constant(0), node.Constant(1));
        int axis = Axis(node, node.Integer("axis", 0), x.Dimensions.Count);
        long[] list = indices.Integers ?? throw node.Wrong("indices of other than integers", "integers");
        int extent = x.Dimensions[axis];
        if (list.Any(index => index < -extent || index >= extent))
        {
            throw node.Wrong($"an index outside {extent} elements", "indices that are there");
        }

        int[][] from = [.. x.Dimensions.Select((length, k) => k == axis ? list.Select(index => (int)(index < 0 ? index + extent : index)).ToArray() : [.. Enumerable.Range(0, length)])];
        return Picked(node, x, from, [.. x.Dimensions.Take(axis), .. indices.Dimensions, .. x.Dimensions.Skip(axis + 1)]);
    }

    private static ImportedConstant Slice(NodeImport node)
    {
        ImportedConstant x = node.Constant(0);
        int[][] from = SlicedAxes(node, x.Dimensions, axis => Axis(node, axis, x.Dimensions.Count));
        return Picked(node, x, from, [.. from.Select(static part => part.Length)]);
    }

    /// <summary>Which places of each axis a Slice keeps.</summary>
    /// <param name="node">The node; its inputs 1 to 4 are starts, ends, axes and steps.</param>
    /// <param name="dimensions">Of what is sliced.</param>
    /// <param name="axisOf">The place in <paramref name="dimensions"/> of an axis as the file counts it.</param>
    /// <exception cref="InputException">The lists do not fit one another or the dimensions.</exception>
    public static int[][] SlicedAxes(NodeImport node, IReadOnlyList<int> dimensions, Func<long, int> axisOf)
    {
        IReadOnlyList<long> starts = node.IntegersOf("starts", 1) ?? throw node.Wrong("no starts", "one for each axis");
        IReadOnlyList<long> ends = node.IntegersOf("ends", 2) ?? throw node.Wrong("no ends", "one for each axis");
        IReadOnlyList<long> axes = node.IntegersOf("axes", 3) ?? [.. Enumerable.Range(0, starts.Count).Select(static axis => (long)axis)];
        long[] steps = node.OptionalConstant(4)?.Integers ?? [.. starts.Select(static _ => 1L)];
        if (ends.Count != starts.Count || axes.Count != starts.Count || steps.Length != starts.Count)
        {
            throw node.Wrong("starts, ends, axes and steps of other numbers", "one of each for each axis");
        }

        int[][] from = [.. dimensions.Select(static extent => Enumerable.Range(0, extent).ToArray())];
        for (int i = 0; i < starts.Count; i++)
        {
            int axis = axisOf(axes[i]);
            from[axis] = Sliced(node, dimensions[axis], starts[i], ends[i], steps[i]);
        }

        return from;
    }

    private static ImportedConstant Squeeze(NodeImport node)
    {
        ImportedConstant x = node.Constant(0);
        int[]? axes = node.IntegersOf("axes", 1) is { } given ? [.. given.Select(axis => Axis(node, axis, x.Dimensions.Count))] : null;
        int[] kept = [.. Enumerable.Range(0, x.Dimensions.Count).Where(axis => axes is null ? x.Dimensions[axis] != 1 : !axes.Contains(axis))];
        return Shaped(node, x, [.. kept.Select(axis => x.Dimensions[axis])]);
    }

    private static ImportedConstant Unsqueeze(NodeImport node)
    {
        ImportedConstant x = node.Constant(0);
        IReadOnlyList<long> given = node.IntegersOf("axes", 1) ?? throw node.Wrong("no axes", "one or more");
        int rank = x.Dimensions.Count + given.Count;
        int[] axes = [.. given.Select(axis => Axis(node, axis, rank)).Distinct()];
        if (axes.Length != given.Count || rank > 16)
        {
            throw node.Wrong($"the axes {string.Join(", ", given)}", "each once, for at most 16 axes");
        }

        var rest = new Queue<int>(x.Dimensions);
        return Shaped(node, x, [.. Enumerable.Range(0, rank).Select(axis => axes.Contains(axis) ? 1 : rest.Dequeue())]);
    }

    private static ImportedConstant Reshape(NodeImport node)
    {
        ImportedConstant x = node.Constant(0);
        long[] asked = node.Constant(1).Integers ?? throw node.Wrong("a shape of other than integers", "integers");
        int[] dimensions = [.. asked.Select((extent, i) => extent == 0 && i < x.Dimensions.Count ? x.Dimensions[i] : extent == -1 ? 1 : node.Small(extent, "extent", 0, MaxElements))];
        int open = Array.IndexOf(asked, -1L);
        if (open >= 0)
        {
            int known = Math.Max(1, Length(node, dimensions));
            dimensions[open] = x.Length / known;
        }

        return Shaped(node, x, dimensions);
    }

    private static ImportedConstant Flatten(NodeImport node)
    {
        ImportedConstant x = node.Constant(0);
        int axis = (int)Math.Clamp(node.Integer("axis", 1), 0, x.Dimensions.Count);
        int rows = x.Dimensions.Take(axis).Aggregate(1, static (product, extent) => product * extent);
        return Shaped(node, x, [rows, rows == 0 ? 0 : x.Length / rows]);
    }

    private static ImportedConstant Transpose(NodeImport node)
    {
        ImportedConstant x = node.Constant(0);
        int rank = x.Dimensions.Count;
        long[] perm = [.. node.Integers("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(static axis => (long)axis)]];
        if (!perm.Order().SequenceEqual(Enumerable.Range(0, rank).Select(static axis => (long)axis)))
        {
            throw node.Wrong($"the order [{string.Join(", ", perm)}] of {rank} axes", "each axis once");
        }

        int[] strides = Strides([.. x.Dimensions], keepSingle: true);
        int[] dimensions = [.. perm.Select(axis => x.Dimensions[(int)axis])];
        return Taken(x, GraphImport.Walk(dimensions, [.. perm.Select(axis => strides[axis])]), dimensions);
    }

    private static ImportedConstant ConstantOfShape(NodeImport node)
    {
        long[] shape = node.Constant(0).Integers ?? throw node.Wrong("a shape of other than integers", "integers");
        int[] dimensions = [.. shape.Select(extent => node.Small(extent, "extent", 0, MaxElements))];
        int length = Length(node, dimensions);
        OnnxTensor? value = node.Node.Attributes.TryGetValue("value", out OnnxAttribute? attribute) ? attribute.Tensor : null;
        return value is { IsInteger: true, Length: 1 } whole
            ? new ImportedConstant(dimensions, null, [.. Enumerable.Repeat(whole.Integers()[0], length)])
            : new ImportedConstant(dimensions, [.. Enumerable.Repeat(value is { Length: 1 } one && one.Type != OnnxType.Undefined ? one.Floats()[0] : 0, length)], null);
    }

    private static ImportedConstant Shaped(NodeImport node, ImportedConstant x, int[] dimensions) => Length(node, dimensions) == x.Length
        ? x with { Dimensions = dimensions }
        : throw node.Wrong($"the shape [{string.Join(", ", dimensions)}] of {x.Length} elements", "as many elements");

    /// <summary>The elements at indices along each axis.</summary>
    private static ImportedConstant Picked(NodeImport node, ImportedConstant x, int[][] from, int[] dimensions)
    {
        int[] extents = [.. from.Select(static part => part.Length)];
        Length(node, extents);
        int[] strides = Strides([.. x.Dimensions], keepSingle: true);
        int[] offsets = GraphImport.Walk(extents, (axis, index) => from[axis][index] * strides[axis]);
        return Taken(x, offsets, dimensions);
    }

    private static ImportedConstant Taken(ImportedConstant x, int[] offsets, int[] dimensions) => x.Integers is { } integers
        ? new ImportedConstant(dimensions, null, [.. offsets.Select(offset => integers[offset])])
        : new ImportedConstant(dimensions, [.. offsets.Select(offset => x.Floats![offset])], null);

    /// <summary>Row-major strides; 0 along axes of one element, which are stretched, unless they are kept.</summary>
    private static int[] Strides(int[] dimensions, bool keepSingle = false)
    {
        var strides = new int[dimensions.Length];
        int stride = 1;
        for (int axis = dimensions.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = dimensions[axis] == 1 && !keepSingle ? 0 : stride;
            stride *= dimensions[axis];
        }

        return strides;
    }

    /// <summary>Elements of a constant that is to be made.</summary>
    private static int Length(NodeImport node, IEnumerable<int> dimensions)
    {
        Int128 length = 1;
        foreach (int extent in dimensions)
        {
            length *= extent;
            if (length > MaxElements)
            {
                throw node.Wrong("a constant of too many elements", $"at most {MaxElements}");
            }
        }

        return (int)length;
    }

    private static int Axis(NodeImport node, long axis, int rank) =>
        axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw node.Wrong($"axis {axis} of {rank}", $"{-rank} to {rank - 1}");
}
