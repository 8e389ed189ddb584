using Differential.Benchmarks.Peers;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Kernels;

/// <summary>
/// The operations of a network's training step one by one, the slowest first, against the step as a whole and the time that its products take
/// at least.
/// </summary>
internal static class StepProfile
{
    /// <param name="options">The device.</param>
    /// <param name="name">A name of <see cref="PeerWorks.Trained"/>.</param>
    public static int Run(BenchmarkOptions options, string name)
    {
        if (!PeerWorks.Trained.TryGetValue(name, out (ModelOptions Model, int Batch) trained))
        {
            Console.Error.WriteLine($"no network {name}; known: {string.Join(", ", PeerWorks.Trained.Keys)}");
            return 1;
        }

        using ComputeDevice device = options.Open();
        double limit = device is SimdDevice ? MachineLimit.GigaFlops(options.Settings.Threads) : double.NaN;
        double step;
        using (var whole = new TrainingStep(device, trained.Model, trained.Batch))
        {
            step = QuickRun.Measure(device, whole.Run).Fastest;
        }

        using var works = new LayerWorks(device, trained.Model, trained.Batch);
        (string Name, double Operations, double Seconds)[] parts = [.. works.Measure()];
        Console.WriteLine(FormattableString.Invariant($"a step: {step * 1e3:F1} ms; its parts alone: {parts.Sum(static part => part.Seconds) * 1e3:F1} ms"));
        double least = works.Operations / limit / 1e9;
        Console.WriteLine(FormattableString.Invariant($"its products: {works.Operations / 1e9:F2} GFLOP, {least * 1e3:F1} ms at {limit:F1} GFLOP/s: {100 * least / step:F0} % of the step"));
        foreach ((string part, double operations, double seconds) in parts.OrderByDescending(static part => part.Seconds))
        {
            string rate = operations > 0 ? FormattableString.Invariant($"{100 * operations / seconds / 1e9 / limit,6:F0} % of the limit") : string.Empty;
            Console.WriteLine(FormattableString.Invariant($"{part,-56}{seconds * 1e3,9:F2} ms {100 * seconds / step,6:F1} % of the step{rate}"));
        }

        return 0;
    }
}
