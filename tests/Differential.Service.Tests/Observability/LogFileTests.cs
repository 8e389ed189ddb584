using System.Text.Json;
using Differential.Service.Hosting;
using Differential.Service.Runs;
using Microsoft.Extensions.Configuration;
using Serilog.Core;

namespace Differential.Service.Tests.Observability;

public sealed class LogFileTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "differential-tests", Guid.NewGuid().ToString("N"));

    [Theory]
    [InlineData(LogFormat.Json)]
    [InlineData(LogFormat.Text)]
    public void Create_RunOfAJob_WritesItsIdIntoTheServicesFile(LogFormat format)
    {
        Write(format, [], logger => logger.Information("Epoch {Epoch} done", 3));

        string line = Assert.Single(Lines());
        Assert.Contains("a-job", line, StringComparison.Ordinal);
        Assert.Contains("Epoch 3 done", line, StringComparison.Ordinal);
        if (format == LogFormat.Json)
        {
            using var json = JsonDocument.Parse(line);
            Assert.Equal("a-job", json.RootElement.GetProperty("JobId").GetString());
        }
    }

    [Fact]
    public void Create_LevelInTheConfiguration_LeavesOutWhatIsBelow()
    {
        Write(LogFormat.Json, new Dictionary<string, string?> { ["Serilog:MinimumLevel:Default"] = "Error" }, logger =>
        {
            logger.Information("quiet");
            logger.Error("loud");
        });

        Assert.Contains("loud", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(LogFormat format, Dictionary<string, string?> settings, Action<Serilog.ILogger> write)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        using Logger service = Logging.Create(configuration, LogFormat.Json, new ConsoleLevel(new LoggingLevelSwitch()), new LogFile(new LogFileOptions { Format = format }, Path.Combine(_folder, "logs")));
        using Logger run = RunLog.Create(service, Path.Combine(_folder, "log.jsonl"), "a-job");
        write(run);
    }

    private string[] Lines() => File.ReadAllLines(Assert.Single(Directory.GetFiles(Path.Combine(_folder, "logs"))));
}
