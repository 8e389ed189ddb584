using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Service.Kinds.Compare;

namespace Differential.Service.Tests.Runs;

/// <summary>Example jobs that take hours, on a few built-in images and in the smallest network of their kind.</summary>
public class ExampleRunTests
{
    [Fact]
    public void TenClasses_OnBuiltInImages_SelectsTrainsCertifiesAndAttacks()
    {
        var job = (JsonObject)JsonNode.Parse(
            File.ReadAllText(Path.Combine(Repository.Root, "examples", "jobs", "ten-classes.json")),
            documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!;
        job["data"] = JsonNode.Parse("""{ "kind": "shapes", "classes": 10, "count": 80, "size": 8, "validation": 0.25 }""");
        job["model"] = JsonNode.Parse("""{ "kind": "lipschitzResNet", "width": 4, "stages": 1, "blocks": 1, "units": 12 }""");
        (job["epochs"], job["batchSize"], job["limit"], job["seeds"]) = (1, 20, 5, new JsonArray(1));
        using var folder = new TestFolder();

        var outcome = Assert.IsType<CompareOutcome>(TestJobs.Run(TestJobs.Parse(job.ToJsonString(), folder.Path), folder.In("run")).Outcome);

        Assert.Equal(12, outcome.Selection!.Candidates.Count);
        Assert.All(outcome.Selection.Candidates.SelectMany(candidate => candidate.Runs), run => Assert.NotNull(run.Test.CertifiedAccuracy));
        Assert.Equal(["differential", "crossEntropy"], outcome.Models.Select(model => model.Name));
        Assert.All(outcome.Models, model => Assert.Equal(10, model.Thresholds!.Count));
        Assert.All(outcome.Models, model => Assert.All(model.Splits["test"].Attacks, attack => Assert.Equal("pgd", attack.Kind)));
    }
}
