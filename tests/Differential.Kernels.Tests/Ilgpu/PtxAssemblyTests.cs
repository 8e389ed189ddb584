using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Differential.Kernels.Gpu;
using ILGPU;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using Xunit.Abstractions;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>
/// Every kernel's PTX through NVIDIA's assembler, which a GPU's driver also has: needs <c>ptxas</c> (Debian's
/// nvidia-cuda-toolkit) in the environment variable PTXAS or on the path, no GPU.
/// </summary>
public partial class PtxAssemblyTests(ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData("sm_90")]
    [InlineData("sm_80")]
    [InlineData("sm_75")]
    public void Kernels_EachArchitecture_AreAssembledWithoutSpills(string architecture)
    {
        string? assembler = Find();
        Skip.If(assembler is null, "ptxas: neither in the environment variable PTXAS nor on the path");
        string folder = Directory.CreateTempSubdirectory("differential-ptx").FullName;
        try
        {
            List<string> failures = [];
            using Context context = IlgpuContext.Create(builder => builder.CPU());
            foreach (MethodInfo kernel in KernelTable.For(architecture))
            {
                CudaArchitecture target = architecture == "sm_75" ? CudaArchitecture.SM_75 : architecture == "sm_80" ? CudaArchitecture.SM_80 : CudaArchitecture.SM_90;
                string file = Path.Combine(folder, "kernel.ptx");
                File.WriteAllText(file, KernelTable.Ptx(context, target, kernel));
                (int status, string text) = Assemble(assembler, architecture, file);
                Skip.If(status != 0 && text.Contains("is not defined for option", StringComparison.Ordinal), $"ptxas: this one does not know {architecture}");
                string name = KernelTable.NameOf(kernel);
                if (status != 0)
                {
                    failures.Add($"{name}: {text}");
                }
                else if (Figure(StackPattern(), text) + Figure(SpillPattern(), text) > 0)
                {
                    failures.Add($"{name} keeps values in memory instead of registers: {text}");
                }

                output.WriteLine($"{architecture} {name}: {Figure(RegisterPattern(), text)} registers, {Figure(SharedPattern(), text)} bytes of shared memory");
            }

            Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("PTXAS") is { Length: > 0 } named)
        {
            return named;
        }

        string file = OperatingSystem.IsWindows() ? "ptxas.exe" : "ptxas";
        return (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    private static (int Status, string Text) Assemble(string assembler, string architecture, string file)
    {
        var start = new ProcessStartInfo(assembler, ["-v", $"-arch={architecture}", file, "-o", file + ".cubin"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> standard = process.StandardOutput.ReadToEndAsync();
        string text = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, text + standard.Result);
    }

    /// <summary>The sum of the numbers that a pattern finds.</summary>
    private static int Figure(Regex pattern, string text) => pattern.Matches(text).Sum(m => int.Parse(m.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex("(\\d+) bytes stack frame")]
    private static partial Regex StackPattern();

    [GeneratedRegex("(\\d+) bytes spill")]
    private static partial Regex SpillPattern();

    [GeneratedRegex("Used (\\d+) registers")]
    private static partial Regex RegisterPattern();

    [GeneratedRegex("(\\d+) bytes smem")]
    private static partial Regex SharedPattern();
}
