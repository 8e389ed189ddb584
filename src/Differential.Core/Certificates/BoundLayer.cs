namespace Differential.Core.Certificates;

/// <summary>
/// A layer as bounds see it, on the host in double precision. Vectors lie as activations do: channels last.
/// </summary>
internal abstract class BoundLayer(int inputs, int outputs)
{
    public int Inputs { get; } = inputs;

    public int Outputs { get; } = outputs;
}
