#if !CARRIED
using BenchmarkDotNet.Running;
#endif
using Differential.Benchmarks.Gpu;
using Differential.Benchmarks.Kernels;
using Differential.Benchmarks.Peers;

namespace Differential.Benchmarks;

/// <summary>
/// <c>--quick [PART]</c>: each operation with a stopwatch, in a minute or two. <c>profile [MODEL]</c>: where a training step's time
/// goes. <c>peer WORK[:COUNT]</c>: this program's side of benchmarks/peers. <c>measure WORK,…</c>: works, kernels or limits as JSON lines. <c>errors</c>: convolutions beside double precision. All but the last take <see cref="BenchmarkOptions"/>. Anything else goes
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
                return StepProfile.Run(BenchmarkOptions.Of(args), BenchmarkOptions.Word(args, 1) ?? "cnn");
            case "errors":
                ConvolutionErrors.Write(Console.Out);
                return 0;
            case "peer" when args.Length > 1:
                return PeerCommand.Run(args[1], BenchmarkOptions.Of(args), Console.In, Console.Out);
            case "measure" when args.Length > 1:
                return MeasureCommand.Run(args[1], BenchmarkOptions.Of(args), Console.Out);
            default:
#if CARRIED
                Console.Error.WriteLine("--quick [PART], profile [MODEL], peer WORK or measure WORK");
                return 1;
#else
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
                return 0;
#endif
        }
    }
}
