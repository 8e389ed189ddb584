using System.Diagnostics;
using System.Text.Json.Nodes;
using Differential.Service.Observability;
using Differential.Service.Runs;
using Differential.Service.Tests.Runs;

namespace Differential.Service.Tests.Observability;

/// <summary>Energy, memory and GPUs as the machine tells them, and where it does not.</summary>
public sealed class MachineTests
{
    private const string Driver =
        """
        #include <string.h>
        int nvmlInit_v2(void) { return 0; }
        int nvmlShutdown(void) { return 0; }
        int nvmlDeviceGetCount_v2(unsigned *n) { *n = 2; return 0; }
        int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **d) { *d = (void *)(long)(i + 1); return 0; }
        int nvmlDeviceGetName(void *d, char *name, unsigned n) { strncpy(name, "Test GPU", n); return 0; }
        int nvmlDeviceGetUtilizationRates(void *d, unsigned *u) { u[0] = 75; u[1] = 20; return 0; }
        int nvmlDeviceGetMemoryInfo(void *d, unsigned long long *m) { m[0] = 1000; m[1] = 600; m[2] = 400; return 0; }
        int nvmlDeviceGetPowerUsage(void *d, unsigned *p) { *p = 123456; return (long)d == 2 ? 3 : 0; }
        int nvmlDeviceGetTotalEnergyConsumption(void *d, unsigned long long *e) { *e = 5000; return (long)d == 2 ? 3 : 0; }
        """;

    [SkippableFact]
    public void Nvml_DriverThatAnswers_IsReadAndWhatItDoesNotTellIsLeftOut()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && File.Exists("/usr/bin/cc"), "no C compiler");
        using var folder = new TestFolder();
        folder.Write("driver.c", Driver);
        using (Process compiler = Process.Start(new ProcessStartInfo("/usr/bin/cc", ["-shared", "-fPIC", "-o", folder.In("libdriver.so"), folder.In("driver.c")]))!)
        {
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
        }

        using Nvml nvml = Nvml.Open(folder.In("libdriver.so"))!;

        Assert.Equal(
            [new GpuReading(0, "Test GPU", 0.75, 400, 1000, 123.456, 5), new GpuReading(1, "Test GPU", 0.75, 400, 1000, null, null)],
            nvml.Read());
    }

    [Fact]
    public void Nvml_NoDriver_IsNone() => Assert.Null(Nvml.Open("libno-such-driver.so.1"));

    [Fact]
    public void Rapl_CountersThatGrowAndWrap_AddUpThePackagesAlone()
    {
        using var folder = new TestFolder();
        Domain("intel-rapl:0", 900_000, 1_000_000);
        Domain("intel-rapl:1", 0, 1_000_000);
        Domain("intel-rapl:0:0", 0, 1_000_000);
        var rapl = new Rapl(folder.Path);

        double? start = rapl.Read();
        Domain("intel-rapl:0", 100_000, 1_000_000);
        Domain("intel-rapl:1", 500_000, 1_000_000);
        Domain("intel-rapl:0:0", 400_000, 1_000_000);

        Assert.Equal(0, start);
        Assert.Equal(0.7, rapl.Read()!.Value, 12);

        void Domain(string name, long energy, long range)
        {
            Directory.CreateDirectory(folder.In(name));
            folder.Write(name + "/energy_uj", energy.ToString(System.Globalization.CultureInfo.InvariantCulture));
            folder.Write(name + "/max_energy_range_uj", range.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Rapl_NoCounters_TellsNothing() => Assert.Null(new Rapl("/nowhere").Read());

    [Fact]
    public void Run_Job_WritesTheMemoryThatItTook()
    {
        using var folder = new TestFolder();

        TestJobs.Run(
            TestJobs.Parse("""{ "kind": "train", "data": { "kind": "shapes", "count": 60, "size": 8 }, "model": { "kind": "linear" }, "epochs": 3, "batchSize": 16 }""", folder.Path), folder.In("run"));

        JsonNode resources = JsonNode.Parse(File.ReadAllText(folder.In("run/result.json")))!["resources"]!;
        Assert.InRange((long)resources["peakMemoryBytes"]!, 10_000_000, Environment.WorkingSet * 4);
        Assert.InRange((long)resources["peakDeviceMemoryBytes"]!, 60 * 8 * 8, 1L << 30);
        Assert.Equal(resources["energyJoules"] is null, resources["processorJoules"] is null && resources["gpuJoules"] is null);
    }

    [Fact]
    public void With_EarlierProcess_TakesTheLargestMemoryAndTheSumOfKnownEnergies()
    {
        var now = new RunResources { PeakMemoryBytes = 5, PeakDeviceMemoryBytes = 9, ProcessorJoules = 2, GpuJoules = 3 };

        RunResources both = now.With(new RunResources { PeakMemoryBytes = 7, PeakDeviceMemoryBytes = 1, ProcessorJoules = 1 });

        Assert.Equal(new RunResources { PeakMemoryBytes = 7, PeakDeviceMemoryBytes = 9, ProcessorJoules = 3 }, both);
        Assert.Equal((5.0, 3.0), (now.EnergyJoules!.Value, both.EnergyJoules!.Value));
    }
}
