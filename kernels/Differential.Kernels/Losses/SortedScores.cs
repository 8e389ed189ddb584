using Differential.Kernels.Devices;

namespace Differential.Kernels.Losses;

/// <summary>
/// The scaled scores u of one class in ascending order, with e^u and e^(−u) as factors that cannot overflow: runs of
/// neighbours form groups whose factors are relative to a power of two of the group,
/// e^u = Plus · 2^Exponent, e^(−u) = Minus · 2^(−Exponent), with 1 ≤ Plus &lt; 2^<see cref="SpanBits"/>. Factors are rounded
/// once from double precision, so a product of two of them is e^(v − u) to three roundings however large u and v are.
/// Sums over all groups before or after one are kept for pairs that are far apart.
/// </summary>
internal sealed unsafe class SortedScores : IDisposable
{
    /// <summary>A group spans less than this many powers of two.</summary>
    internal const int SpanBits = 6;

    /// <summary>Beyond it any number of float64 becomes 0 or ∞.</summary>
    private const double MostPower = 4096;

    private const double Log2E = 1.4426950408889634073599;

    private const double Ln2 = 0.693147180559945309417232;

    private readonly int _groupCapacity;
    private readonly SimdStorage<float> _floats;
    private readonly SimdStorage<double> _doubles;
    private readonly SimdStorage<int> _ints;
    private readonly int _capacity;

    public SortedScores(SimdDevice device, int capacity, int groupCapacity)
    {
        _capacity = capacity;
        _groupCapacity = groupCapacity;
        _floats = new SimdStorage<float>(device, checked(4 * capacity));
        _doubles = new SimdStorage<double>(device, checked(7 * (capacity + 1)));
        _ints = new SimdStorage<int>(device, checked(2 * (capacity + 1)));
        Clear();
    }

    /// <summary>Number of scores.</summary>
    public int Count { get; private set; }

    /// <summary>Number of groups.</summary>
    public int Groups { get; private set; }

    /// <summary>[count], the scores as they came, in ascending order after <see cref="Build"/>.</summary>
    public float* Keys => _floats.Pointer;

    /// <summary>[count], e^u relative to the group.</summary>
    public float* Plus => _floats.Pointer + _capacity;

    /// <summary>[count], e^(−u) relative to the group.</summary>
    public float* Minus => _floats.Pointer + (2 * _capacity);

    /// <summary>[count], the scaled score.</summary>
    public double* Scaled => _doubles.Pointer;

    /// <summary>[count], what the pairs add up to for this score's gradient.</summary>
    public double* Slopes => _doubles.Pointer + _capacity + 1;

    /// <summary>[groups + 1], Σ u of the groups before.</summary>
    public double* SumBefore => _doubles.Pointer + (2 * (_capacity + 1));

    /// <summary>[groups], Σ e^u of this group and those before, over 2^Exponent of this group.</summary>
    public double* PlusUpTo => _doubles.Pointer + (3 * (_capacity + 1));

    /// <summary>[groups], Σ e^(−u) of this group and those behind, over 2^(−Exponent) of this group.</summary>
    public double* MinusFrom => _doubles.Pointer + (4 * (_capacity + 1));

    /// <summary>[count], the place of the score in the batch.</summary>
    public int* Places => _ints.Pointer;

    /// <summary>[groups + 1], first score of the group.</summary>
    public int* Starts => _ints.Pointer + _capacity + 1;

    /// <summary>[groups], the group's power of two, which is that of its smallest member: a whole number of any size.</summary>
    public double* Exponents => _doubles.Pointer + (5 * (_capacity + 1));

    /// <summary>[groups], the power of two of the group's largest member.</summary>
    public double* TopExponents => _doubles.Pointer + (6 * (_capacity + 1));

    /// <summary>value · 2^power for a whole power of any size; 0 and ∞ where it is out of range.</summary>
    public static double TimesPower(double value, double power) => Math.ScaleB(value, (int)Math.Clamp(power, -MostPower, MostPower));

    /// <summary>Whether scaled scores, once sorted, are so large that sums with them would hide differences of near ones.</summary>
    public bool IsWide => Math.Max(Math.Abs(Scaled[0]), Math.Abs(Scaled[Count - 1])) > 1e8;

    public void Clear() => Count = 0;

    /// <summary>Σ (u − origin) of a group.</summary>
    public double SumFrom(int group, double origin)
    {
        double sum = 0;
        for (int i = Starts[group]; i < Starts[group + 1]; i++)
        {
            sum += Scaled[i] - origin;
        }

        return sum;
    }

    public void Add(float score, int place)
    {
        Keys[Count] = score;
        Places[Count] = place;
        Count++;
    }

    /// <summary>Sorts, scales u = <paramref name="scale"/>·(score + <paramref name="shift"/>), and forms the groups.</summary>
    public void Build(double scale, double shift)
    {
        Sort(scale, shift);
        int groups = 0;
        int first = 0;
        for (int i = 0; i < Count; i++)
        {
            double power = Scaled[i] * Log2E;
            double exponent = Math.Floor(power);
            if (i == 0 || i - first == _groupCapacity || exponent - Exponents[groups - 1] >= SpanBits)
            {
                first = i;
                Starts[groups] = i;
                Exponents[groups] = exponent;
                groups++;
            }

            TopExponents[groups - 1] = exponent;
            double factor = Math.Exp((power - Exponents[groups - 1]) * Ln2);
            Plus[i] = (float)factor;
            Minus[i] = (float)(1 / factor);
        }

        Starts[groups] = Count;
        Groups = groups;
        SumGroups();
    }

    /// <summary>Sorts and scales only: what the hinge needs.</summary>
    public void Sort(double scale, double shift)
    {
        ScoreSort.Ascending(
            new Span<float>(Keys, Count),
            new Span<int>(Places, Count),
            new Span<float>(Plus, Count),
            new Span<int>(Starts, Count));
        for (int i = 0; i < Count; i++)
        {
            Scaled[i] = scale * (Keys[i] + shift);
            Slopes[i] = 0;
        }
    }

    public void Dispose()
    {
        _floats.Dispose();
        _doubles.Dispose();
        _ints.Dispose();
    }

    private void SumGroups()
    {
        double sum = 0;
        double plus = 0;
        for (int g = 0; g < Groups; g++)
        {
            SumBefore[g] = sum;
            plus = g == 0 ? 0 : TimesPower(plus, Exponents[g - 1] - Exponents[g]);
            for (int i = Starts[g]; i < Starts[g + 1]; i++)
            {
                sum += Scaled[i];
                plus += Plus[i];
            }

            PlusUpTo[g] = plus;
        }

        SumBefore[Groups] = sum;
        double minus = 0;
        for (int g = Groups - 1; g >= 0; g--)
        {
            minus = g == Groups - 1 ? 0 : TimesPower(minus, Exponents[g] - Exponents[g + 1]);
            for (int i = Starts[g]; i < Starts[g + 1]; i++)
            {
                minus += Minus[i];
            }

            MinusFrom[g] = minus;
        }
    }
}
