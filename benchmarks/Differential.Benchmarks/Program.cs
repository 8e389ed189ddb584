using BenchmarkDotNet.Running;
using Differential.Benchmarks.Kernels;
using Differential.Benchmarks.Peers;

namespace Differential.Benchmarks;

/// <summary>
/// <c>--quick</c>: each operation with a stopwatch, in a minute or two. <c>profile</c>: where a training step's time
/// goes. <c>peer WORK</c>: this program's side of benchmarks/peers. Anything else goes to BenchmarkDotNet.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "--quick":
                QuickRun.Run(Argument(args, "--threads", 1), args.Skip(1).FirstOrDefault(static arg => !arg.StartsWith('-') && !int.TryParse(arg, out _)));
                return 0;
            case "profile":
                StepProfile.Run(Argument(args, "--threads", 1));
                return 0;
            case "peer" when args.Length > 1:
                return PeerCommand.Run(args[1], Argument(args, "--threads", 1), Console.In, Console.Out);
            default:
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
                return 0;
        }
    }

    private static int Argument(string[] args, string name, int missing)
    {
        int index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? int.Parse(args[index + 1], System.Globalization.CultureInfo.InvariantCulture) : missing;
    }
}
