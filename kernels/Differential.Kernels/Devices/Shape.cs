using System.Collections.Immutable;

namespace Differential.Kernels.Devices;

/// <summary>The extents of a dense row-major tensor, outermost first. Images are [height, width, channels] (channels last).</summary>
public sealed class Shape : IEquatable<Shape>
{
    private readonly ImmutableArray<int> _dimensions;

    /// <param name="dimensions">Extents, each at least 1; none for a scalar.</param>
    /// <exception cref="ArgumentOutOfRangeException">An extent is below 1 or the element count exceeds 2³¹ − 1.</exception>
    public Shape(params ReadOnlySpan<int> dimensions)
    {
        long length = 1;
        foreach (int dimension in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1, nameof(dimensions));
            length *= dimension;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, int.MaxValue, nameof(dimensions));
        }

        _dimensions = [.. dimensions];
        Length = (int)length;
    }

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>Number of dimensions.</summary>
    public int Rank => _dimensions.Length;

    public int this[int axis] => _dimensions[axis];

    public ReadOnlySpan<int> Dimensions => _dimensions.AsSpan();

    /// <summary>This shape with a new outermost dimension in front.</summary>
    public Shape Batched(int count) => new([count, .. _dimensions]);

    public bool Equals(Shape? other) => other is not null && Dimensions.SequenceEqual(other.Dimensions);

    public override bool Equals(object? obj) => Equals(obj as Shape);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int dimension in _dimensions)
        {
            hash.Add(dimension);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => $"[{string.Join(", ", _dimensions)}]";
}
