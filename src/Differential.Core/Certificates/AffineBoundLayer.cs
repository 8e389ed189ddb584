namespace Differential.Core.Certificates;

/// <summary>x ↦ A·x + b.</summary>
internal abstract class AffineBoundLayer(int inputs, int outputs) : BoundLayer(inputs, outputs)
{
    /// <summary>y = A·x + b.</summary>
    public abstract void Forward(double[] x, double[] y);

    /// <summary>y = |A|·x, element by element.</summary>
    public abstract void ForwardAbsolute(double[] x, double[] y);

    /// <summary>x = Aᵀ·y, overwritten; returns ⟨b, y⟩.</summary>
    public abstract double Backward(double[] y, double[] x);

    public override Box Propagate(Box box)
    {
        var center = new double[Inputs];
        var radius = new double[Inputs];
        for (int i = 0; i < Inputs; i++)
        {
            center[i] = (box.Low[i] + box.High[i]) / 2;
            radius[i] = (box.High[i] - box.Low[i]) / 2;
        }

        var low = new double[Outputs];
        var high = new double[Outputs];
        Forward(center, low);
        ForwardAbsolute(radius, high);
        for (int i = 0; i < Outputs; i++)
        {
            (low[i], high[i]) = (low[i] - high[i], low[i] + high[i]);
        }

        return new Box(low, high);
    }
}
