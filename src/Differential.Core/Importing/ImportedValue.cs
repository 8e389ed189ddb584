namespace Differential.Core.Importing;

/// <summary>A value of a graph that is read: a constant, or what a node of the network yields.</summary>
internal abstract record ImportedValue;

/// <summary>A constant, row-major: floats or integers.</summary>
/// <param name="Dimensions">Extents; none for a scalar.</param>
/// <param name="Floats">Null where it is of integers.</param>
/// <param name="Integers">Null where it is of floats.</param>
internal sealed record ImportedConstant(IReadOnlyList<int> Dimensions, float[]? Floats, long[]? Integers) : ImportedValue
{
    public int Length => Floats?.Length ?? Integers!.Length;

    /// <summary>The elements as float32.</summary>
    public float[] AsFloats => Floats ?? [.. Integers!.Select(static value => (float)value)];

    public static ImportedConstant Of(params long[] values) => new([values.Length], null, values);
}

/// <summary>What a node yields. The network keeps the elements of a sample in an order of their own: images channels last, whatever order the file has.</summary>
/// <param name="Node">The node; −1 is the network's input.</param>
/// <param name="Dimensions">Extents in the file's order of axes, without the batch's.</param>
/// <param name="Order">The axes from the outermost in the network's order to the innermost.</param>
internal sealed record ImportedActivation(int Node, IReadOnlyList<int> Dimensions, IReadOnlyList<int> Order) : ImportedValue
{
    /// <summary>Elements of a sample.</summary>
    public int Length => Dimensions.Aggregate(1, static (product, extent) => product * extent);

    /// <summary>Extents in the network's order.</summary>
    public IEnumerable<int> Stored => Order.Select(axis => Dimensions[axis]);

    /// <summary>The order of the file.</summary>
    public static int[] RowMajor(int rank) => [.. Enumerable.Range(0, rank)];

    /// <summary>Whether the elements lie in an order already: axes of one element have no say.</summary>
    public bool IsIn(IReadOnlyList<int> order) => Order.Where(IsLong).SequenceEqual(order.Where(IsLong));

    private bool IsLong(int axis) => Dimensions[axis] > 1;
}
