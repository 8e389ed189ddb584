using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Service.Jobs.Schema;
using Json.Schema;

namespace Differential.Service.Tests.Jobs;

public class JobSchemaTests
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static readonly JsonSchema Schema = JsonSchema.FromText(JobSchema.Text());

    [Fact]
    public void Text_IsTheFileThatExamplesName() =>
        Assert.Equal(File.ReadAllText(Path.Combine(Repository.Root, "examples", "job.schema.json")).TrimEnd(), JobSchema.Text());

    [Fact]
    public void Reference_IsThePageInDocs() =>
        Assert.Equal(File.ReadAllText(Path.Combine(Repository.Root, "docs", "jobs.md")), JobReference.Text());

    [Fact]
    public void Reference_EveryField_HasAMeaning() =>
        Assert.DoesNotContain("|  |\n", JobReference.Text(), StringComparison.Ordinal);

    [Fact]
    public void Schema_Examples_AreAccepted() => Assert.All(
        Repository.ExampleJobs,
        path => Assert.True(Accepts(File.ReadAllText(path)), path));

    /// <summary>But for rules between fields and for syntax, the schema refuses what the reader refuses.</summary>
    [Fact]
    public void Schema_BadValues_AreRefused() => Assert.All(
        [.. BadValues.Cases, .. BadAttacks.Cases.Where(c => c.Name is not ("SameClass" or "PointsCnn" or "LossesTwice" or "TheoryImages"
            or "LossesAndEntries" or "EntriesTwice" or "EntryModel" or "SeedsTwice" or "PositiveMissing" or "NegativeMissing" or "ClassesBesidePositive" or "ClassesTwice"
            or "ClassesLimit" or "ShapesFew" or "ClassesMatched" or "ClassesMatchedLosses" or "ClassesMatchedEntry" or "ClassesBatch" or "ClassesBatchEntry" or "TheoryClasses" or "AugmentPoints" or "AdversarialFullBatch"
            or "EpsilonWiderThanTheBox" or "EpsilonWiderThanBounds" or "TrainingEpsilonWiderThanTheBox"))],
        bad => Assert.True(NoDouble(bad.Name) || !Accepts(bad.Content), bad.Name));

    [Fact]
    public void Schema_EveryField_IsDescribedOrAnObject()
    {
        foreach (JsonNode? kind in JsonNode.Parse(JobSchema.Text())!["anyOf"]!.AsArray())
        {
            Assert.Equal(false, (bool?)kind!["additionalProperties"]);
            Assert.All(
                kind["properties"]!.AsObject().Where(p => p.Key is not ("kind" or "$schema" or "loss")),
                p => Assert.True(p.Value!["description"] is not null, p.Key));
        }
    }

    private static bool Accepts(string job)
    {
        using var document = JsonDocument.Parse(job, Lenient);
        return Schema.Evaluate(document.RootElement).IsValid;
    }

    /// <summary>JSON schema can't say what fits a text of digits, a 64-bit integer, or a text without control characters.</summary>
    private static bool NoDouble(string name) => name is "SeedBeyondLong" or "NameControl" or "EpochsExponent" or "EpsilonFractionBad" or "EpsilonDivideByZero"
        or "EpsilonNegativeFraction" or "MeanHuge" or "LearningRateInfinite" or "EpsilonInfinite";
}
