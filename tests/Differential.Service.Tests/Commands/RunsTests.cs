using System.Text.Json.Nodes;
using Differential.Service.Tests.History;

namespace Differential.Service.Tests.Commands;

/// <summary><c>differential runs</c> as a user calls it.</summary>
public sealed class RunsTests
{
    [Fact]
    public async Task Runs_TextJsonAndCsv_TellTheSameRuns()
    {
        using var folder = new TestFolder();
        RunFolders.Train(folder.In("runs"), "a", "differential", 0.97, 1);
        RunFolders.Compare(folder.In("runs"), "c", 3);

        ProgramRun text = await Executable.Run(folder.Path, "runs", "accuracy>0.9");
        ProgramRun json = await Executable.Run(folder.Path, "runs", "loss:differential", "accuracy>0.95", "--json");
        ProgramRun csv = await Executable.Run(folder.Path, "runs", "--csv", "--sort", "id");
        ProgramRun compared = await Executable.Run(folder.Path, "runs", "--compare", "a", "c");

        Assert.Equal((0, 0, 0, 0), (text.Status, json.Status, csv.Status, compared.Status));
        Assert.Matches("^id +kind +state +accuracy +robust +at +took +device +finished\nc +compare +done +99.0 % +49.5 % +L2 0.5 +30.0 s +simd +2026-03-03 10:01\na ", text.Output);
        JsonNode run = Assert.Single(JsonNode.Parse(json.Output)!.AsArray())!;
        Assert.Equal(("a", 0.97), ((string)run["id"]!, (double)run["accuracy"]!));
        Assert.Equal(3, csv.Output.TrimEnd().Split('\n').Length);
        Assert.Contains("\na,a,train,done,simd,2026-03-01T10:00:00.0000000Z,2026-03-01T10:01:00.0000000Z,10,0.97,,,\n", csv.Output, StringComparison.Ordinal);
        Assert.Contains("\nkind ", compared.Output, StringComparison.Ordinal);
        Assert.Contains("testAccuracy", compared.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("arguments: filter: the unknown field 'acc'; allowed: ", "runs", "acc>1")]
    [InlineData("arguments: --sort: the unknown field 'when'", "runs", "--sort", "when")]
    [InlineData("arguments: --csv: --json beside it; allowed: one of --json, --csv", "runs", "--csv", "--json")]
    [InlineData("arguments: --root: 'nowhere', which is no folder; allowed: ", "runs", "--root", "nowhere")]
    [InlineData("runs: zzz: no run that has ended; allowed: ", "runs", "--compare", "zzz")]
    public async Task Runs_BadArguments_AreRefusedWithOneLine(string message, params string[] arguments)
    {
        using var folder = new TestFolder();

        ProgramRun run = await Executable.Run(folder.Path, arguments);

        Assert.Equal(2, run.Status);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
    }
}
