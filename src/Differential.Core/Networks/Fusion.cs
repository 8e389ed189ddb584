namespace Differential.Core.Networks;

/// <summary>What a plan folds into a layer.</summary>
/// <param name="Relu">Whether the ReLU behind it is; only where <see cref="Layer.TakesRelu"/>.</param>
/// <param name="Norm">The batch normalisation behind it, whose running statistics its weights take along; of linear maps, outside training; null for none.</param>
internal sealed record Fusion(bool Relu, BatchNormLayer? Norm)
{
    public static Fusion None { get; } = new(false, null);
}
