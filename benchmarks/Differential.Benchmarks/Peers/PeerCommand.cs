using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Peers;

/// <summary>
/// One piece of work, measured on demand: each line on the input runs it as often as the line's number says and is
/// answered by one JSON line. So the script that compares can take turns between two programs that are both warm.
/// </summary>
internal static class PeerCommand
{
    public static int Run(string name, BenchmarkOptions options, TextReader input, TextWriter output)
    {
        using ComputeDevice device = options.Open();
        if (name == "export")
        {
            SharedInputs.Write(input.ReadLine() ?? ".", device);
            return 0;
        }

        using IPeerWork? work = PeerWorks.Create(name, device, options.Activations);
        if (work is null)
        {
            Console.Error.WriteLine($"no work {name}; known: {string.Join(", ", PeerWorks.Names)}, each with another number of images or of scores of a class behind a colon");
            return 1;
        }

        using Process process = Process.GetCurrentProcess();
        while (input.ReadLine() is { } line)
        {
            int times = int.Parse(line, CultureInfo.InvariantCulture);
            process.Refresh();
            TimeSpan cpu = process.TotalProcessorTime;
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < times; i++)
            {
                work.Run();
            }

            device.Synchronize();

            double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
            process.Refresh();
            var reply = new { seconds = wall / times, cpu = (process.TotalProcessorTime - cpu).TotalSeconds / times, peak = PeakBytes(), devicePeak = device.PeakBytes };
            output.WriteLine(JsonSerializer.Serialize(reply));
            output.Flush();
        }

        return 0;
    }

    /// <summary>Largest resident size so far (VmHWM); 0 where the system does not tell.</summary>
    private static long PeakBytes()
    {
        const string status = "/proc/self/status";
        string? line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(static entry => entry.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        return line is null ? 0 : long.Parse(line.Split((char[])[(char)32, (char)9], StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }
}
