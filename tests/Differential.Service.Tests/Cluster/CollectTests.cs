using System.Text.Json.Nodes;
using Differential.Service.Cluster;
using Differential.Service.Jobs;
using Differential.Service.Runs;
using Differential.Service.Tests.Runs;

namespace Differential.Service.Tests.Cluster;

public sealed class CollectTests
{
    [Fact]
    public void Collect_Sweep_IsTheTableOfOneProcess()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Sweep);
        TestJobs.Run(TestJobs.Parse(SweepTexts.Sweep, folder.Path), folder.In("whole"));
        foreach (int number in (int[])[4, 3, 2, 1])
        {
            SweepTexts.Run(sweep, number);
        }

        CollectedSweep collected = CollectedSweep.Read(sweep);
        collected.Save();

        Assert.True(collected.IsComplete);
        Assert.Equal(TestJobs.Result(folder.In("whole")), TestJobs.Result(folder.In("sweep")));
        Assert.Contains("learningRate ▾", System.Net.WebUtility.HtmlDecode(File.ReadAllText(folder.In("sweep/report.html"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Collect_Comparison_IsThatOfOneProcess()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Compare);
        TestJobs.Run(TestJobs.Parse(SweepTexts.Compare, folder.Path), folder.In("whole"));
        Assert.Equal(["crossEntropy 3", "crossEntropy 5", "differential 3", "differential 5"], sweep.Tasks.Select(t => $"{t.Fields["network"]} {t.Fields["seed"]}"));
        foreach (int number in (int[])[2, 4, 1, 3])
        {
            SweepTexts.Run(sweep, number);
        }

        CollectedSweep.Read(sweep).Save();

        Assert.Equal(SweepTexts.Result(folder.In("whole")), SweepTexts.Result(folder.In("sweep")));
        Assert.Equal(File.ReadAllText(folder.In("whole/samples.csv")), File.ReadAllText(folder.In("sweep/samples.csv")));
        Assert.Equal(SweepTexts.Models(folder.In("whole/models")), SweepTexts.Models(folder.In("sweep/jobs")));
        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.In("sweep/result.json")))!;
        Assert.All(result["models"]!.AsArray(), m => Assert.True(File.Exists(folder.In($"sweep/{(string)m!["folder"]!}/model.safetensors"))));
    }

    [Fact]
    public void Collect_BeforeTheEnd_ShowsWhatIsMissing()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Sweep);
        SweepTexts.Run(sweep, 1);
        Directory.CreateDirectory(sweep.TaskFolder(2));
        using RunFolder held = RunFolder.Open(sweep.TaskFolder(3));

        CollectedSweep collected = CollectedSweep.Read(sweep);
        collected.Save();

        Assert.Equal([TaskState.Done, TaskState.Waiting, TaskState.Running, TaskState.Waiting], collected.Rows.Select(r => r.Status));
        JsonNode result = JsonNode.Parse(File.ReadAllText(folder.In("sweep/result.json")))!;
        Assert.Equal("interrupted", (string)result["status"]!);
        Assert.Equal(["done", "waiting", "running", "waiting"], result["jobs"]!.AsArray().Select(j => (string)j!["status"]!));
        using var table = new StringWriter();
        collected.WriteTables(table);
        Assert.Equal(5, table.ToString().TrimEnd().Split('\n').Length);
    }

    [Fact]
    public void Collect_ComparisonBeforeTheEnd_ShowsTheNetworksThatThereAre()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Compare);
        using var none = new StringWriter();
        CollectedSweep.Read(sweep).WriteTables(none);
        SweepTexts.Run(sweep, 4);

        CollectedSweep collected = CollectedSweep.Read(sweep);
        collected.Save();
        using var table = new StringWriter();
        collected.WriteTables(table);

        Assert.Equal(4, none.ToString().Split('\n').Count(l => l.TrimEnd().EndsWith("waiting", StringComparison.Ordinal)));
        Assert.Contains("differential", table.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, table.ToString().Split('\n').Count(l => l.TrimEnd().EndsWith("waiting", StringComparison.Ordinal)));
        Assert.Equal("interrupted", (string)JsonNode.Parse(File.ReadAllText(folder.In("sweep/result.json")))!["status"]!);
    }

    [Fact]
    public void Collect_WhileOneProcessRunsTheWhole_LeavesItsFolderAlone()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Sweep);
        using RunFolder whole = RunFolder.Open(sweep.Folder);

        Assert.Throws<FolderHeldException>(() => CollectedSweep.Read(sweep).Save());
        Assert.False(File.Exists(folder.In("sweep/result.json")));
    }

    [Fact]
    public void Csv_Rows_HaveFieldsAndFiguresInFull()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Sweep.Replace("\"learningRates\": [0.05, 0.1]", "\"fields\": { \"loss\": [{ \"kind\": \"differential\" }, { \"kind\": \"crossEntropy\" }] }", StringComparison.Ordinal));
        SweepTexts.Run(sweep, 1);
        using var csv = new StringWriter();

        SweepCsv.Write(CollectedSweep.Read(sweep).Rows, ownNames: false, csv);

        string[] lines = csv.ToString().TrimEnd().Split(csv.NewLine);
        Assert.Equal("job,loss,seed,status,seconds,trainAccuracy,testAccuracy,loss,scoreMargin,error", lines[0]);
        Assert.StartsWith("1,\"{\"\"kind\"\":\"\"differential\"\"}\",1,done,", lines[1], StringComparison.Ordinal);
        Assert.Equal("2,\"{\"\"kind\"\":\"\"differential\"\"}\",2,waiting,0,,,,,", lines[2]);
        Assert.Equal(5, lines.Length);
    }
}
