using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

[Description("A residual block: the output of the layers is added to the block's input, or to what the shortcut's layers make of it. With share the block is their convex combination, which stretches no distance where neither of them does.")]
public sealed record ResidualOptions : LayerOptions
{
    [Description("The layers from first to last; their output has the shape of what it is added to.")]
    [MinLength(1)]
    [MaxLength(1_000)]
    public required IReadOnlyList<LayerOptions> Layers { get; init; }

    [Description("Layers between the block's input and the sum, where the shapes differ; none by default.")]
    [MinLength(1)]
    [MaxLength(1_000)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LayerOptions>? Shortcut { get; init; }

    [Description("Share of the layers' output in a convex combination with the input or the shortcut's output, in place of the sum; 0.5 for the mean.")]
    [Range(0.001, 0.999)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Share { get; init; }

    public bool Equals(ResidualOptions? other) =>
        other is not null && Layers.SequenceEqual(other.Layers) && (Shortcut ?? []).SequenceEqual(other.Shortcut ?? []) && Share == other.Share;

    public override int GetHashCode() => HashCode.Combine(Layers.Count, Shortcut?.Count, Share);

    internal override int AddTo(GraphBuilder graph, LayerPlace place, int source)
    {
        int end = graph.AddAll(Layers, index => place.Inner("layers", index), source);
        int other = Shortcut is null ? source : graph.AddAll(Shortcut, index => place.Inner("shortcut", index), source);
        (Shape shape, Shape added) = (graph.ShapeOf(end), graph.ShapeOf(other));
        return shape.Equals(added)
            ? graph.Add(Share is { } share ? MixLayer.Create(place, shape, share) : new AddLayer(place, shape), end, other)
            : throw new ArchitectureException(place, $"the layers yield {shape}, the {(Shortcut is null ? "block's input is" : "shortcut yields")} {added}", "the same shape of both; a shortcut can change it");
    }

    internal override Layer Create(LayerPlace place, Shape input) => throw new NotSupportedException("a residual block is several layers");

    internal override LayerOptions Saved() => this with
    {
        Layers = [.. Layers.Select(static layer => layer.Saved())],
        Shortcut = Shortcut is null ? null : [.. Shortcut.Select(static layer => layer.Saved())],
    };

    internal override IEnumerable<(string Name, LayerOptions Layer)> Nested() =>
        Layers.Select(static (layer, i) => ($"layers.{i}", layer)).Concat((Shortcut ?? []).Select(static (layer, i) => ($"shortcut.{i}", layer)));

    internal override IEnumerable<TensorRule> Tensors(string name) => Nested().SelectMany(inner => inner.Layer.Tensors($"{name}.{inner.Name}"));
}
