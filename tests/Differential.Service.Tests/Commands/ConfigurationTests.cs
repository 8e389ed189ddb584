namespace Differential.Service.Tests.Commands;

/// <summary>What a user is told who mistypes a setting, or starts the program beside another program's settings.</summary>
public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("""{ "Htp": { "Url": "http://127.0.0.1:1" } }""", "appsettings.json: Htp:Url: unknown setting (did you mean 'Http:Url'?); allowed: ")]
    [InlineData("""{ "Http": { "Urll": "x" } }""", "appsettings.json: Http:Urll: unknown setting (did you mean 'Http:Url'?); allowed: ")]
    [InlineData("""{ "Queue": { "Setletime": "00:00:01" } }""", "appsettings.json: Queue:Setletime: unknown setting (did you mean 'Queue:SettleTime'?); allowed: ")]
    [InlineData("""{ "Logging": { "LogLevel": { "Default": "Warning" } }, "AllowedHosts": "*" }""", "appsettings.json: AllowedHosts: unknown setting (did you mean 'AllowedRoots'?); allowed: ")]
    [InlineData("""{ "ConnectionStrings": { "main": "x" } }""", "appsettings.json: ConnectionStrings:main: unknown setting; allowed: what docs/configuration.md lists")]
    [InlineData("""{ "AllowedRoots": "/srv/data" }""", "appsettings.json: AllowedRoots: a single value; allowed: a list")]
    [InlineData("""{ "Threads": [1] }""", "appsettings.json: Threads: a section or a list; allowed: a single value")]
    [InlineData("""{ "Http": "http://127.0.0.1:1" }""", "appsettings.json: Http: a single value; allowed: a section with Url, ")]
    [InlineData("[1]", "appsettings.json: file: Top-level JSON element must be an object")]
    [InlineData("{ not json", "appsettings.json: line 1: no JSON; allowed: a readable file with one JSON object")]
    [InlineData("""{ "Serilog": { "Using": ["Serilog.Sinks.Nowhere"], "WriteTo": [{ "Name": "Nowhere" }] } }""", "configuration: Serilog: ")]
    public async Task SettingsFile_OfAnotherProgramOrMistyped_EndsWithTwoAndNamesFileAndSetting(string text, string message)
    {
        using var folder = new TestFolder();
        folder.Write("appsettings.json", text);

        await ExpectAsync(folder, new Circumstances(), message, "devices");
    }

    [Theory]
    [InlineData("DIFFERENTIAL__Htp__Url", "environment: DIFFERENTIAL__Htp__Url: unknown setting (did you mean 'DIFFERENTIAL__Http__Url'?); allowed: ")]
    [InlineData("DIFFERENTIAL__Http__Pathbase__x", "environment: DIFFERENTIAL__Http__Pathbase: a section or a list; allowed: a single value")]
    [InlineData("DIFFERENTIAL__Rout", "environment: DIFFERENTIAL__Rout: unknown setting (did you mean 'DIFFERENTIAL__Root'?); allowed: ")]
    public async Task Variable_Mistyped_EndsWithTwoAndNamesTheVariable(string name, string message)
    {
        using var folder = new TestFolder();

        await ExpectAsync(folder, new Circumstances { Variables = new Dictionary<string, string> { [name] = "x" } }, message, "devices");
    }

    [Fact]
    public async Task SettingsFile_ThatIsAFolder_EndsWithTwo()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder.In("appsettings.json"));

        await ExpectAsync(folder, new Circumstances(), "appsettings.json: file: a folder; allowed: ", "devices");
    }

    [SkippableFact]
    public async Task SettingsFile_ThatTheUserMayNotRead_EndsWithTwo()
    {
        Circumstances.SkipWithoutUsers();
        using var folder = new TestFolder();
        folder.Write("appsettings.json", "{}");
        Circumstances.SetMode(folder.In("appsettings.json"), "600");
        Circumstances.SetMode(folder.Path, "755");

        await ExpectAsync(folder, new Circumstances { Unprivileged = true }, "appsettings.json: file: cannot be read (", "devices");
    }

    [Fact]
    public async Task SettingsFile_WithEverySettingOfTheReference_IsTaken()
    {
        using var folder = new TestFolder();
        string reference = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "configuration.md"));
        int start = reference.IndexOf("```json", StringComparison.Ordinal) + "```json".Length;
        folder.Write("appsettings.json", reference[start..reference.IndexOf("```", start, StringComparison.Ordinal)]);
        string[] names = [.. reference.Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[^2].Trim('`', ' '))
            .Where(name => name.StartsWith("DIFFERENTIAL__", StringComparison.Ordinal))];

        ProgramRun file = await Executable.Run(folder.Path, "devices");

        Assert.True(file.Status == 0, file.Error);
        Assert.True(names.Length > 30, "the reference lists its variables");

        // The values are wrong for some of them, the names for none.
        ProgramRun all = await Executable.Run(
            Path.GetTempPath(),
            new Circumstances { Variables = names.ToDictionary(n => n.Replace("<source>", "Microsoft", StringComparison.Ordinal), _ => "1") },
            "devices");
        Assert.Contains(": the value '1'; allowed: ", all.Error, StringComparison.Ordinal);
    }

    private static async Task ExpectAsync(TestFolder folder, Circumstances circumstances, string message, params string[] arguments)
    {
        ProgramRun run = await Executable.Run(folder.Path, circumstances, arguments);

        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Status);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
