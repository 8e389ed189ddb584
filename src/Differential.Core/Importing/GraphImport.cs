using Differential.Core.Files;
using Differential.Core.Networks;
using Differential.Core.Onnx;
using Differential.Kernels.Devices;

namespace Differential.Core.Importing;

/// <summary>A network as it is put together from a file's graph, node by node: the values so far, the layers and their parameters.</summary>
/// <param name="file">What messages call the file.</param>
/// <param name="input">Shape of one sample.</param>
internal sealed class GraphImport(string file, Shape input)
{
    /// <summary>Most layers.</summary>
    private const int MaxLayers = 20_000;

    /// <summary>Stands for the batch where shapes are computed with; a prime that no sensible extent is a multiple of.</summary>
    public const int AnyBatch = 1_000_003;

    /// <summary>Most elements of all re-ordered values of a sample together: a short file must not ask for much memory.</summary>
    private const int MaxIndices = 1 << 26;

    private readonly Dictionary<string, ImportedValue> _values = [];
    private readonly Dictionary<string, int> _uses = [];
    private Int128 _indices;

    public GraphBuilder Graph { get; } = new(input);

    /// <summary>Values of the layers' parameters and state.</summary>
    public List<NamedTensor> Tensors { get; } = [];

    /// <summary>The normalisation of the inputs, as far as it is known to be one.</summary>
    public InputNormalization Normalization { get; set; } = InputNormalization.None(input);

    /// <summary>Whether the normalisation can still take in what the graph does to its input first.</summary>
    public bool TakesNormalization { get; set; } = true;

    /// <summary>Samples of a call, as the graph's shapes have it.</summary>
    public int Batch { get; set; } = AnyBatch;

    /// <summary>Elements of all constants that were computed.</summary>
    public long Folded { get; set; }

    public string File => file;

    public ImportedValue? Find(string name) => _values.GetValueOrDefault(name);

    /// <exception cref="InputException">The value has been set already.</exception>
    public void Set(string name, ImportedValue value)
    {
        if (!_values.TryAdd(name, value))
        {
            throw new InputException(file, $"value {name}", "two nodes or constants yield it", "one of them");
        }

        // What else takes the input takes it without a normalisation.
        TakesNormalization &= value is not ImportedActivation { Node: < 0 } || IsTakenOnce(name);
    }

    /// <summary>Counts how often values are taken, for what can be folded only where it is taken once.</summary>
    public void Count(IEnumerable<OnnxNode> nodes)
    {
        foreach (string name in nodes.SelectMany(static node => node.Inputs))
        {
            _uses[name] = _uses.GetValueOrDefault(name) + 1;
        }
    }

    public bool IsTakenOnce(string name) => _uses.GetValueOrDefault(name) == 1;

    /// <summary>Adds a layer.</summary>
    /// <param name="kind">What its name ends with.</param>
    /// <param name="create">The layer at a place.</param>
    /// <param name="inputs">The nodes that it takes.</param>
    /// <returns>Its node.</returns>
    /// <exception cref="InputException">It does not fit, or there are too many.</exception>
    public int Add(string kind, Func<LayerPlace, Layer> create, params int[] inputs)
    {
        int index = Graph.Nodes.Count;
        if (index == MaxLayers)
        {
            throw new InputException(file, "graph", $"more than {MaxLayers} layers", $"at most {MaxLayers}");
        }

        try
        {
            return Graph.Add(create(new LayerPlace(index, $"nodes.{index}.{kind}")), inputs);
        }
        catch (ArchitectureException exception)
        {
            throw new InputException(file, $"{exception.Place}", exception.Found, exception.Allowed);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            // Sizes that the shapes of a kernel refuse.
            throw new InputException(file, $"nodes[{index}].{kind}", $"a size of {exception.ActualValue}", "sizes of at least 1 that fit one another, with at most 2147483647 elements");
        }
    }

    /// <summary>Elements of a value that is to be made index by index, counted against what a model may take.</summary>
    /// <exception cref="InputException">Too many.</exception>
    public int Elements(string kind, IEnumerable<int> extents)
    {
        Int128 elements = extents.Aggregate((Int128)1, static (product, extent) => product * extent);
        _indices += elements;
        return _indices <= MaxIndices ? (int)elements : throw new InputException(file, $"nodes[{Graph.Nodes.Count}].{kind}", $"{elements} elements, {_indices} with those before", $"at most {MaxIndices} in values that are re-ordered");
    }

    /// <summary>Sets a parameter or state of a node's layer.</summary>
    public void SetTensor(int node, string name, float[] values)
    {
        Layer layer = Graph.Nodes[node].Layer;
        Shape shape = layer.Parameters.Concat(layer.State).Single(value => value.Name == name).Shape;
        Tensors.Add(values.Length == shape.Length
            ? new NamedTensor($"{layer.Name}.{name}", shape, values)
            : throw new InputException(file, $"{layer.Place}", $"a {name} of {values.Length} elements", $"{shape.Length}"));
    }

    /// <summary>A value as a layer takes it: its elements in an order, under a shape.</summary>
    /// <param name="value">The value.</param>
    /// <param name="order">Of the axes.</param>
    /// <param name="shape">Of one sample; as long as the value.</param>
    public int Node(ImportedActivation value, IReadOnlyList<int> order, Shape shape)
    {
        int node = Ordered(value, order).Node;
        Shape own = Graph.ShapeOf(node);
        return own.Equals(shape) ? node : Add("View", place => new ViewLayer(place, own, shape), node);
    }

    /// <summary>The value as a vector in the file's order.</summary>
    public int Vector(ImportedActivation value) => Node(value, ImportedActivation.RowMajor(value.Dimensions.Count), new Shape(value.Length));

    /// <summary>A value [channels, height, width] as an image.</summary>
    public int Image(ImportedActivation value) => Node(value, [1, 2, 0], new Shape(value.Dimensions[1], value.Dimensions[2], value.Dimensions[0]));

    /// <summary>The value with its elements in another order.</summary>
    public ImportedActivation Ordered(ImportedActivation value, IReadOnlyList<int> order)
    {
        if (value.IsIn(order))
        {
            return value with { Order = order };
        }

        Shape own = Graph.ShapeOf(value.Node);
        if (own.Rank == 3 && value.Dimensions.Count == 3 && value.Order is [1, 2, 0] && order is [0, 1, 2] && own[2] == value.Dimensions[0])
        {
            return value with { Node = Add("Flatten", place => new FlattenLayer(place, own), value.Node), Order = order };
        }

        Elements("Transpose", value.Dimensions);

        // Row-major strides of the value as it lies.
        var strides = new int[order.Count];
        int stride = 1;
        foreach (int axis in value.Order.Reverse())
        {
            strides[axis] = stride;
            stride *= value.Dimensions[axis];
        }

        int[] source = Walk([.. order.Select(axis => value.Dimensions[axis])], [.. order.Select(axis => strides[axis])]);
        return value with { Node = Add("Transpose", place => new SelectLayer(place, own, new Shape(source.Length), source, 0), value.Node), Order = order };
    }

    /// <summary>Makes each element of a new value one of an old one's, or a constant.</summary>
    /// <param name="kind">What the layer's name ends with.</param>
    /// <param name="value">The old value.</param>
    /// <param name="dimensions">Extents of the new one.</param>
    /// <param name="from">By axis of the new value and index in it the index in the old one; −1 for the constant. As many axes as the old value has.</param>
    /// <param name="fill">The constant.</param>
    public ImportedActivation Select(string kind, ImportedActivation value, IReadOnlyList<int> dimensions, int[][] from, float fill = 0)
    {
        Shape own = Graph.ShapeOf(value.Node);
        var strides = new int[dimensions.Count];
        int stride = 1;
        foreach (int axis in value.Order.Reverse())
        {
            strides[axis] = stride;
            stride *= value.Dimensions[axis];
        }

        int[] extents = [.. value.Order.Select(axis => dimensions[axis])];
        var source = new int[Elements(kind, extents)];
        var at = new int[extents.Length];
        for (int i = 0; i < source.Length; i++)
        {
            int offset = 0;
            for (int k = 0; k < at.Length && offset >= 0; k++)
            {
                int axis = value.Order[k];
                int index = from[axis][at[k]];
                offset = index < 0 ? -1 : offset + (index * strides[axis]);
            }

            source[i] = offset;
            Advance(at, extents);
        }

        Shape shape = extents.Length == 3 && value.Order is [1, 2, 0] ? new Shape(extents) : new Shape(source.Length);
        return new ImportedActivation(Add(kind, place => new SelectLayer(place, own, shape, source, fill), value.Node), dimensions, value.Order);
    }

    /// <summary>Puts values of one order one behind the other along an axis; returns the node.</summary>
    public int Join(IReadOnlyList<ImportedActivation> parts, int axis, IReadOnlyList<int> dimensions)
    {
        IReadOnlyList<int> order = parts[0].Order;
        var strides = new int[dimensions.Count];
        int stride = 1;
        foreach (int k in order.Reverse())
        {
            strides[k] = stride;
            stride *= dimensions[k];
        }

        Elements("Concat", dimensions);
        var places = new List<int[]>();
        int start = 0;
        foreach (ImportedActivation part in parts)
        {
            int first = start * strides[axis];
            places.Add([.. Walk([.. part.Stored], [.. order.Select(k => strides[k])]).Select(offset => first + offset)]);
            start += part.Dimensions[axis];
        }

        int[] extents = [.. order.Select(k => dimensions[k])];
        Shape shape = extents.Length == 3 && order is [1, 2, 0] ? new Shape(extents) : new Shape(extents.Aggregate(1, static (product, extent) => product * extent));
        return Add("Concat", place => new JoinLayer(place, Graph.ShapeOf(parts[0].Node), shape, [.. places]), [.. parts.Select(static part => part.Node)]);
    }

    /// <summary>x times a number for each index of an innermost axis, less a centre before, with an offset behind: of vectors whose length is a multiple of the numbers'.</summary>
    public int Scale(int node, Shape shape, float[] center, float[] factor, float[] offset)
    {
        int scaled = Add("Scale", place => new BatchNormLayer(place, shape, new BatchNormOptions { Epsilon = 1e-12 }), node);
        SetTensor(scaled, LayerValue.Weight, factor);
        SetTensor(scaled, LayerValue.Bias, offset);
        SetTensor(scaled, BatchNormLayer.RunningMean, center);
        SetTensor(scaled, BatchNormLayer.RunningVariance, [.. factor.Select(static _ => 1f)]);
        return scaled;
    }

    /// <summary>Offsets of all indices, the last axis first, where each step along an axis is a number of elements.</summary>
    public static int[] Walk(int[] extents, int[] strides) => Walk(extents, (axis, index) => index * strides[axis]);

    /// <summary>The same, with what each index along an axis adds to the offset.</summary>
    public static int[] Walk(int[] extents, Func<int, int, int> part)
    {
        var offsets = new int[extents.Aggregate(1, static (product, extent) => product * extent)];
        var at = new int[extents.Length];
        for (int i = 0; i < offsets.Length; i++)
        {
            int offset = 0;
            for (int axis = 0; axis < at.Length; axis++)
            {
                offset += part(axis, at[axis]);
            }

            offsets[i] = offset;
            Advance(at, extents);
        }

        return offsets;
    }

    private static void Advance(int[] at, int[] extents)
    {
        for (int axis = at.Length - 1; axis >= 0 && ++at[axis] == extents[axis]; axis--)
        {
            at[axis] = 0;
        }
    }
}
