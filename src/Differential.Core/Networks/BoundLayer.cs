namespace Differential.Core.Networks;

/// <summary>
/// A layer as bounds see it, on the host in double precision. Vectors lie as activations do: channels last.
/// </summary>
internal abstract class BoundLayer(int inputs, int outputs)
{
    public int Inputs { get; } = inputs;

    public int Outputs { get; } = outputs;

    /// <summary>Upper bounds on how far the outputs move, in L2 and in L∞, where the inputs move by 1; null where they are for the weights to say.</summary>
    public virtual (double L2, double Linf)? Stretch => (1, 1);

    /// <summary>Of a layer that takes several outputs: how far its own moves, as a share of <see cref="Stretch"/>, where that one moves by 1.</summary>
    /// <param name="input">Which of them, from 0.</param>
    public virtual double Share(int input) => 1;

    /// <summary>Whether the layer has a line of its own in the list of constants: not an activation or an order.</summary>
    public virtual bool IsListed => true;
}
