using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>
/// A trained network as a file keeps it: score = network((x − mean) · scale) − threshold; of three classes or more the class k whose
/// network((x − mean) · scale)[k] − thresholds[k] is the largest.
/// </summary>
/// <param name="Layers">The layers from first to last.</param>
/// <param name="Input">Shape of a sample: [height, width, channels] or [features].</param>
/// <param name="InputMean">A value per channel, or per feature.</param>
/// <param name="InputScale">Factor after the mean is removed.</param>
/// <param name="Threshold">The positive class is where the network's score exceeds this.</param>
/// <param name="Positive">Name of the class of label +1.</param>
/// <param name="Negative">Name of the class of label −1.</param>
/// <param name="Parameters">
/// <c>layers.&lt;index&gt;.weight</c>, <c>.bias</c> and running statistics, of nested layers <c>layers.&lt;index&gt;.shortcut.&lt;index&gt;.weight</c> and so on:
/// conv weights [out, in, height, width], dense weights [out, in] with inputs in channel, row, column order.
/// </param>
public sealed record SavedModel(
    IReadOnlyList<LayerOptions> Layers,
    Shape Input,
    float[] InputMean,
    float InputScale,
    float Threshold,
    string Positive,
    string Negative,
    IReadOnlyList<NamedTensor> Parameters)
{
    /// <summary>Names of three classes or more; null for two, which are <see cref="Positive"/> and <see cref="Negative"/>.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>A threshold for each of three classes or more; null for two.</summary>
    public IReadOnlyList<float>? Thresholds { get; init; }

    /// <summary>Scores of a sample: 1 for two classes, else one for each class.</summary>
    public int Scores => Classes?.Count ?? 1;
}
