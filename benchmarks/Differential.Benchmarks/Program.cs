using BenchmarkDotNet.Running;
using Differential.Benchmarks.Kernels;
using Differential.Benchmarks.Peers;

namespace Differential.Benchmarks;

/// <summary>
/// <c>--quick [PART]</c>: each operation with a stopwatch, in a minute or two. <c>profile</c>: where a training step's time
/// goes. <c>peer WORK[:COUNT]</c>: this program's side of benchmarks/peers. All three take <see cref="BenchmarkOptions"/>. Anything else goes
/// to BenchmarkDotNet.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "--quick":
                QuickRun.Run(BenchmarkOptions.Of(args), BenchmarkOptions.Word(args, 1));
                return 0;
            case "profile":
                StepProfile.Run(BenchmarkOptions.Of(args));
                return 0;
            case "peer" when args.Length > 1:
                return PeerCommand.Run(args[1], BenchmarkOptions.Of(args), Console.In, Console.Out);
            default:
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
                return 0;
        }
    }
}
