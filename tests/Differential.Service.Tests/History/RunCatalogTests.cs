using CsCheck;
using Differential.Core;
using Differential.Service.History;

namespace Differential.Service.Tests.History;

/// <summary>Past runs: read, filtered, sorted, side by side.</summary>
public sealed class RunCatalogTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public RunCatalogTests()
    {
        RunFolders.Train(_folder.Path, "a", "differential", 0.97, 1);
        RunFolders.Train(_folder.Path, "b", "crossEntropy", 0.98, 2, rate: 0.05);
        RunFolders.Compare(_folder.Path, "c", 3);
        RunFolders.Failed(_folder.Path, "d", 4);
        Directory.CreateDirectory(_folder.In("runs-that-has-not-ended"));
        RunFolders.Write(_folder.Path, "broken", "{}", "{");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "d c b a")]
    [InlineData("loss:differential", "c a")]
    [InlineData("loss:differential accuracy>0.95", "a")]
    [InlineData("accuracy>0.95 loss:differential", "a")]
    [InlineData("accuracy>95%", "c b a")]
    [InlineData("-accuracy>0.95", "d c")]
    [InlineData("robust>=0.72", "c")]
    [InlineData("robust>0.73", "")]
    [InlineData("network=differential robust<0.75", "c")]
    [InlineData("kind=train", "b a")]
    [InlineData("-kind:train -state:failed", "c")]
    [InlineData("state:failed", "d")]
    [InlineData("hyperplane", "d")]
    [InlineData("\"no hyperplane\"", "d")]
    [InlineData("BOTH", "c")]
    [InlineData("optimizer.learningRate=0.05", "b")]
    [InlineData("optimizer.learningRate<=0.05 data:shapes", "b a")]
    [InlineData("data:cifar10", "c")]
    [InlineData("optimizer:sgd seconds<20", "a")]
    [InlineData("finished>2026-03-02T12", "d c")]
    [InlineData("model.width>3", "")]
    public void Find_Filter_GivesTheRunsForWhichAllHolds(string filter, string expected) =>
        Assert.Equal(expected, string.Join(' ', new RunCatalog(_folder.Path).Find(RunFilter.Parse(filter), null).Select(static r => r.Id)));

    [Theory]
    [InlineData("accuracy", "a b c d")]
    [InlineData("-accuracy", "c b a d")]
    [InlineData("id", "a b c d")]
    [InlineData("-seconds", "d c b a")]
    [InlineData("optimizer.learningRate", "a b c d")]
    public void Find_Sorted_PutsRunsWithoutTheFieldLast(string sort, string expected) =>
        Assert.Equal(expected, string.Join(' ', new RunCatalog(_folder.Path).Find(RunFilter.Parse(null), sort).Select(static r => r.Id)));

    [Theory]
    [InlineData("acuracy>0.9", "the unknown field 'acuracy' (did you mean 'accuracy'?)")]
    [InlineData("accuracy>", "'accuracy>'")]
    [InlineData(":x", "':x'")]
    public void Parse_BadTerm_IsRefusedWithWhatIsAllowed(string filter, string found)
    {
        InputException mistake = Assert.Throws<InputException>(() => RunFilter.Parse(filter));

        Assert.Equal(("filter", found), (mistake.Place, mistake.Found));
        Assert.Contains("; allowed: ", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_AnyText_IsReadOrRefused() => Gen.String[Gen.Char["ab:=<>-\" .%/0.9"], 0, 30].Sample(text =>
    {
        try
        {
            RunFilter filter = RunFilter.Parse(text);
            _ = new RunCatalog(_folder.Path).Find(filter, null);
        }
        catch (InputException)
        {
            // Refused with a message.
        }
    });

    [Fact]
    public void Read_Comparison_HasTheNetworksAndTheRobustAccuracyAtTheMiddleBudget()
    {
        RunSummary run = new RunCatalog(_folder.Path).Find("c");

        Assert.Equal(("L2 0.5", 0.99), (run.RobustAt, run.Accuracy));
        Assert.Equal(["crossEntropy", "differential"], run.Networks.Select(static n => n.Loss));
        Assert.Equal([0.495, 0.72], run.Networks.Select(static n => Math.Round(n.RobustAccuracy!.Value, 12)));
        Assert.Equal(0.72, run.RobustAccuracy!.Value, 12);
    }

    [Fact]
    public void Read_RobustAccuracyInTheResult_GoesBeforeTheOneFromFlipRates()
    {
        RunFolders.Write(
            _folder.Path,
            "e",
            "{}",
            """
            { "kind": "attack", "name": "e", "id": "e", "status": "done", "seed": 1, "device": { "kind": "simd", "name": "cpu", "precision": "float32" }, "started": "2026-03-05T10:00:00+00:00", "finished": "2026-03-05T10:01:00+00:00", "seconds": 1,
              "splits": { "test": { "count": 10, "correct": 8, "accuracy": 0.8, "attacked": 8, "attacks": [ { "kind": "pgd", "norm": "linf", "epsilon": 0.03, "flipRate": 0.5 } ], "robust": [ { "norm": "linf", "epsilon": 0.03, "robustAccuracy": 0.3 } ] } } }
            """);

        RunSummary run = new RunCatalog(_folder.Path).Find("e");

        Assert.Equal((0.8, 0.3), (run.Accuracy, run.RobustAccuracy));
    }

    [Fact]
    public void Find_JobsOfASweep_AreRunsOfTheirOwn()
    {
        RunFolders.Train(Path.Combine(_folder.Path, "a", "jobs"), "1", "differential", 0.6, 5);
        RunFolders.Train(Path.Combine(_folder.Path, "a", "jobs"), "2", "crossEntropy", 0.7, 6);
        var catalog = new RunCatalog(_folder.Path);

        Assert.Equal(["a/jobs/2", "a/jobs/1"], catalog.Find(RunFilter.Parse("id:a/jobs"), null).Select(static r => r.Id));
        Assert.Equal(0.6, catalog.Find("a/jobs/1").Accuracy);
        Assert.Throws<InputException>(() => catalog.Find("a/jobs/../../a"));
    }

    [Fact]
    public void Find_ResultThatChanged_IsReadAnew()
    {
        var catalog = new RunCatalog(_folder.Path);
        _ = catalog.Find("a");

        RunFolders.Train(_folder.Path, "a", "differential", 0.5, 1);
        File.SetLastWriteTimeUtc(_folder.In("a/result.json"), DateTime.UtcNow.AddMinutes(1));

        Assert.Equal(0.5, catalog.Find("a").Accuracy);
    }

    [Fact]
    public void Of_TwoTrainings_NamesWhatDiffersAndTheFiguresOfBoth()
    {
        var catalog = new RunCatalog(_folder.Path);

        RunComparison comparison = RunComparison.Of([catalog.Find("a"), catalog.Find("b")]);

        Assert.Equal(["loss", "optimizer.learningRate"], comparison.Fields.Select(static f => f.Name).Order());
        Assert.Equal(["0.02", "0.05"], comparison.Fields.Single(static f => f.Name == "optimizer.learningRate").Values);
        Assert.Equal([0.97, 0.98], comparison.Figures.Single(static f => f.Name == "testAccuracy").Values);
    }
}
