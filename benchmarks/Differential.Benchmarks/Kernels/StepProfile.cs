using Differential.Benchmarks.Peers;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Kernels;

/// <summary>
/// The operations of a training step of <c>cnn</c> one by one, the slowest first, against the step as a whole.
/// </summary>
internal static class StepProfile
{
    public static void Run(BenchmarkOptions options)
    {
        using ComputeDevice device = options.Open();
        double step;
        using (var whole = new TrainingStep(device, new CnnOptions(), PeerWorks.BatchSize))
        {
            step = QuickRun.Measure(device, whole.Run).Fastest;
        }

        var parts = new List<(string Name, double Seconds)>();
        foreach ((string name, Func<ComputeDevice, KernelWork> create) in KernelWorks.All)
        {
            if (name.StartsWith("cnn ", StringComparison.Ordinal))
            {
                using KernelWork work = create(device);
                parts.Add((name[4..], QuickRun.Measure(device, work.Run).Fastest));
            }
        }

        Console.WriteLine(FormattableString.Invariant($"a step: {step * 1e3:F1} ms; its parts alone: {parts.Sum(static part => part.Seconds) * 1e3:F1} ms"));
        foreach ((string name, double seconds) in parts.OrderByDescending(static part => part.Seconds))
        {
            Console.WriteLine(FormattableString.Invariant($"{name,-28}{seconds * 1e3,9:F2} ms {100 * seconds / step,6:F1} % of the step"));
        }
    }
}
