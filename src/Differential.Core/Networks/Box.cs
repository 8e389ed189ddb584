namespace Differential.Core.Networks;

/// <summary>An axis-aligned box: each value lies between its bounds.</summary>
/// <param name="Low">Lower bounds.</param>
/// <param name="High">Upper bounds, not below them.</param>
internal sealed record Box(double[] Low, double[] High)
{
    public int Length => Low.Length;

    /// <summary>Whether all bounds are numbers.</summary>
    public bool IsFinite
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < Low.Length; i++)
            {
                sum += (Low[i] - Low[i]) + (High[i] - High[i]);
            }

            return sum == 0;
        }
    }

    /// <summary>The largest absolute value in the box.</summary>
    public double Largest
    {
        get
        {
            double largest = 0;
            for (int i = 0; i < Low.Length; i++)
            {
                largest = Math.Max(largest, Math.Max(Math.Abs(Low[i]), Math.Abs(High[i])));
            }

            return largest;
        }
    }
}
