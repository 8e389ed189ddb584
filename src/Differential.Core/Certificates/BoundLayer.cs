namespace Differential.Core.Certificates;

/// <summary>
/// A layer as bounds see it, on the host in double precision. Vectors lie as activations do: channels last.
/// </summary>
internal abstract class BoundLayer(int inputs, int outputs)
{
    public int Inputs { get; } = inputs;

    public int Outputs { get; } = outputs;

    /// <summary>The box around the layer's outputs for inputs of a box.</summary>
    public abstract Box Propagate(Box box);
}
