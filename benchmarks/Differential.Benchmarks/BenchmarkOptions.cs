using System.Globalization;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks;

/// <summary>What the command line says of the device: <c>--device</c>, <c>--threads</c> (of the SIMD device), <c>--precision</c>, <c>--no-graphs</c>, <c>--fast</c> (convolutions), <c>--recomputed</c> (activations of training steps).</summary>
internal sealed record BenchmarkOptions(string Device, DeviceOptions Settings, Activations Activations)
{
    public static BenchmarkOptions Of(string[] args) => new(
        Value(args, "--device") ?? "simd",
        new DeviceOptions
        {
            Threads = int.Parse(Value(args, "--threads") ?? "1", CultureInfo.InvariantCulture),
            Precision = Enum.Parse<MatrixPrecision>(Value(args, "--precision") ?? nameof(MatrixPrecision.Float32), ignoreCase: true),
            Convolution = args.Contains("--fast") ? ConvolutionMethod.Fast : ConvolutionMethod.Direct,
            Graphs = !args.Contains("--no-graphs"),
            GraphsRefused = static (device, reason) => Console.Error.WriteLine($"{device} records no graphs: {reason}"),
        },
        args.Contains("--recomputed") ? Activations.Recomputed : Activations.Kept);

    /// <summary>The first argument that is neither an option nor an option's value, behind <paramref name="skip"/> arguments.</summary>
    public static string? Word(string[] args, int skip) =>
        args.Skip(skip).Where((arg, i) => !arg.StartsWith('-') && (i == 0 || args[skip + i - 1] is "--no-graphs" or "--fast" or "--recomputed" || !args[skip + i - 1].StartsWith("--", StringComparison.Ordinal))).FirstOrDefault();

    public ComputeDevice Open() => DeviceCatalog.Open(DeviceCatalog.Discover().Find(Device), Settings);

    private static string? Value(string[] args, string name)
    {
        int index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
    }
}
