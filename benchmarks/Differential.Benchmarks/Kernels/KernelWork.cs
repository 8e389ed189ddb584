namespace Differential.Benchmarks.Kernels;

/// <summary>One operation on tensors of its own, and what it costs at least.</summary>
/// <param name="run">One call.</param>
/// <param name="owned">What it works on.</param>
internal sealed class KernelWork(Action run, IReadOnlyList<IDisposable> owned) : IDisposable
{
    /// <summary>Floating-point operations of a call; 0 where memory decides.</summary>
    public double Operations { get; init; }

    /// <summary>Bytes that a call must read and write at least; 0 where arithmetic decides.</summary>
    public double Bytes { get; init; }

    /// <summary>Pairs of scores; 0 for what is no pairwise loss.</summary>
    public double Pairs { get; init; }

    public void Run() => run();

    /// <summary>The rate that a time means, beside the limit; NaN where it is not known.</summary>
    public string Rate(double seconds, double gigaFlops, double gigaBytes) =>
        Operations > 0 ? Share(Operations, "GFLOP/s", gigaFlops, seconds)
        : Pairs > 0 ? FormattableString.Invariant($"{Pairs / seconds / 1e9,8:F2} Gpairs/s")
        : Share(Bytes, "GB/s", gigaBytes, seconds);

    public void Dispose()
    {
        foreach (IDisposable resource in owned)
        {
            resource.Dispose();
        }
    }

    private static string Share(double amount, string unit, double limit, double seconds) =>
        double.IsNaN(limit)
            ? FormattableString.Invariant($"{amount / seconds / 1e9,8:F2} {unit}")
            : FormattableString.Invariant($"{amount / seconds / 1e9,8:F2} {unit} of {limit:F1} ({100 * amount / seconds / 1e9 / limit:F0} %)");
}
