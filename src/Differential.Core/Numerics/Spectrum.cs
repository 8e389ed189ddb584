namespace Differential.Core.Numerics;

/// <summary>The singular values of a matrix and how many of them count.</summary>
/// <param name="SingularValues">Descending, one per column; 0 where below the rounding of the Gram matrix (about 10⁻⁷ of the largest).</param>
/// <param name="EffectiveRank">Exponential of the entropy of the singular values divided by their sum (Roy and Vetterli 2007); 0 for a zero matrix.</param>
/// <param name="StableRank">‖F‖²_F / ‖F‖²₂; 0 for a zero matrix.</param>
public sealed record Spectrum(double[] SingularValues, double EffectiveRank, double StableRank)
{
    /// <summary>The spectrum of F from the eigenvalues of FᵀF, in any order.</summary>
    public static Spectrum OfGram(ReadOnlySpan<double> eigenvalues)
    {
        double largest = 0;
        foreach (double value in eigenvalues)
        {
            largest = Math.Max(largest, value);
        }

        double rounding = 4 * Math.Pow(2, -52) * eigenvalues.Length * largest;
        double[] singular = new double[eigenvalues.Length];
        (double sum, double squares) = (0, 0);
        for (int i = 0; i < singular.Length; i++)
        {
            singular[i] = eigenvalues[i] > rounding ? Math.Sqrt(eigenvalues[i]) : 0;
            sum += singular[i];
            squares += singular[i] * singular[i];
        }

        Array.Sort(singular, (a, b) => b.CompareTo(a));
        double entropy = 0;
        foreach (double value in singular)
        {
            double share = value / sum;
            entropy -= share > 0 ? share * Math.Log(share) : 0;
        }

        return largest > 0 ? new Spectrum(singular, Math.Exp(entropy), squares / largest) : new Spectrum(singular, 0, 0);
    }
}
