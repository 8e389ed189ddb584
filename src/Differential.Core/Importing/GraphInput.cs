using Differential.Core.Onnx;
using Differential.Kernels.Devices;

namespace Differential.Core.Importing;

/// <summary>A graph's input: what samples it takes, and in which order of axes.</summary>
/// <param name="Name">Of the value.</param>
/// <param name="Sample">Shape of one sample.</param>
/// <param name="Dimensions">Extents in the file's order, without the batch's.</param>
/// <param name="Order">The axes in the network's order.</param>
/// <param name="Batch">Samples of a call as the file's shapes have it.</param>
internal sealed record GraphInput(string Name, Shape Sample, IReadOnlyList<int> Dimensions, IReadOnlyList<int> Order, int Batch)
{
    private const int MaxExtent = 1 << 20;

    /// <summary>Finds the input. Images are [N, C, H, W], or [N, H, W, C] where the graph turns them first or the samples are so.</summary>
    /// <exception cref="InputException">There is none, there are several, or its shape is not told.</exception>
    public static GraphInput Of(OnnxGraph graph, string file, Shape? sample)
    {
        HashSet<string> constants = [.. graph.Initializers.Select(static tensor => tensor.Name)];
        OnnxValue[] inputs = [.. graph.Inputs.Where(value => !constants.Contains(value.Name))];
        if (inputs.Length != 1)
        {
            throw new InputException(file, "graph", $"{inputs.Length} inputs", "one: a batch of samples");
        }

        OnnxValue input = inputs[0];
        if (input.Type is not (OnnxType.Float32 or OnnxType.Float64))
        {
            throw new InputException(file, $"input {input.Name}", $"elements of {input.Type?.ToString() ?? "no tensor"}", "float32 or float64");
        }

        bool turns = graph.Nodes.Any(node => node.Operator == "Transpose" && node.Inputs.Contains(input.Name) && node.Attributes.TryGetValue("perm", out OnnxAttribute? perm) && perm.Integers is [0, 3, 1, 2]);
        long?[] told = input.Dimensions is { Count: > 0 } dimensions ? [.. dimensions.Select(static dimension => dimension.Value is > 0 ? dimension.Value : null)] : Untold(sample);
        int[]? fromSample = told.Length - 1 == 3 && sample is { Rank: 3 } ? IsLast(told, sample, turns) ? [.. sample.Dimensions] : [sample[2], sample[0], sample[1]]
            : told.Length - 1 == 1 && sample is not null ? [sample.Length]
            : told.Length - 1 == 2 && sample is { Rank: 3 } ? [sample[0], sample[1]] : null;
        int[] extents = [.. told.Skip(1).Select((extent, axis) => extent is { } known
            ? known <= MaxExtent ? (int)known : throw Wrong($"an extent of {known}", $"at most {MaxExtent}")
            : fromSample?[axis] ?? throw Wrong("a shape that is not told", "extents in the file, or data whose samples tell them"))];
        if (extents.Aggregate((Int128)1, static (product, extent) => product * extent) > int.MaxValue)
        {
            throw Wrong("a sample of too many elements", $"at most {int.MaxValue}");
        }

        int batch = told[0] is { } samples and <= MaxExtent ? (int)samples : GraphImport.AnyBatch;
        return extents.Length switch
        {
            1 when sample is { Rank: 3 } && sample.Length == extents[0] => new GraphInput(input.Name, sample, extents, [0], batch),
            1 => new GraphInput(input.Name, new Shape(extents[0]), extents, [0], batch),
            2 => new GraphInput(input.Name, new Shape(extents[0], extents[1], 1), extents, [0, 1], batch),
            3 when IsLast(told, sample, turns) => new GraphInput(input.Name, new Shape(extents), extents, [0, 1, 2], batch),
            3 => new GraphInput(input.Name, new Shape(extents[1], extents[2], extents[0]), extents, [1, 2, 0], batch),
            _ => throw Wrong($"{extents.Length + 1} axes", "a batch of images or of points"),
        };

        InputException Wrong(string found, string allowed) => new(file, $"input {input.Name}", found, allowed);
    }

    private static long?[] Untold(Shape? sample) => sample is null ? [null] : new long?[sample.Rank + 1];

    /// <summary>Whether channels are last: the samples are so as they are told, or the graph turns them first.</summary>
    private static bool IsLast(long?[] told, Shape? sample, bool turns)
    {
        if (sample is not { Rank: 3 })
        {
            return turns;
        }

        bool first = Fits(told, [sample[2], sample[0], sample[1]]);
        bool last = Fits(told, [sample[0], sample[1], sample[2]]);
        return last && (!first || turns);
    }

    private static bool Fits(long?[] told, int[] extents) => extents.Select((extent, axis) => told[axis + 1] is not { } known || known == extent).All(static fits => fits);
}
