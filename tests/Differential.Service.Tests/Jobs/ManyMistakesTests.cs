using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Differential.Core;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Tests.Jobs;

/// <summary>A mistake hides no other one, and none is made up: fields that are wrong by themselves beside rules that are broken between others.</summary>
public class ManyMistakesTests
{
    private const string Base = """{"kind":"compare","data":{"kind":"shapes"},"attacks":[{"kind":"deepFool"}]}""";

    /// <summary>Fields that are right by themselves, and the rule that they break together.</summary>
    /// <param name="Fields">They, as JSON; each by its place.</param>
    /// <param name="Reads">The places that the rule reads, given or not.</param>
    /// <param name="Place">Where the mistake is.</param>
    private sealed record Rule((string At, string Value)[] Fields, string[] Reads, string Place);

    private static readonly Rule[] Rules =
    [
        new([("seeds", "[1,1]")], ["seeds"], "$.seeds[1]"),
        new([("losses", """[{"kind":"hinge"},{"kind":"hinge"}]""")], ["losses"], "$.losses[1]"),
        new([("threshold", "\"zero\"")], ["threshold"], "$.threshold"),
        new([("keep", "\"best\"")], ["keep", "data"], "$.keep"),
        new([("select", "{}")], ["select", "data"], "$.select.by"),
        new([("attacks", """[{"kind":"deepFool"},{"kind":"pgd","norm":"linf","epsilons":[8]}]""")], ["attacks", "data"], "$.attacks[1].epsilons[0]"),
        new([("data", """{"kind":"shapes","classCounts":{"square":4},"imbalance":2}""")], ["data"], "$.data.imbalance"),
        new([("data", """{"kind":"shapes","classes":3}"""), ("batchSize", "2")], ["data", "batchSize", "optimizer"], "$.batchSize"),
        new([("optimizer", """{"kind":"normalizedGradient"}"""), ("model", """{"kind":"network","layers":[{"kind":"flatten"},{"kind":"dropout","rate":0.5},{"kind":"dense","units":1}]}""")], ["optimizer", "model"], "$.model"),
    ];

    /// <summary>What is wrong by itself.</summary>
    private static readonly (string At, string Value, string Place)[] Wrong =
    [
        ("epochs", "0", "$.epochs"),
        ("batchSize", "1.5", "$.batchSize"),
        ("seeds", "[1,\"x\"]", "$.seeds[1]"),
        ("losses", """[{"kind":"hinge"},{"kind":"hing"}]""", "$.losses[1].kind"),
        ("threshold", "5", "$.threshold"),
        ("keep", "\"worst\"", "$.keep"),
        ("select", "3", "$.select"),
        ("attacks", """[{"kind":"deepFool","stepz":1}]""", "$.attacks[0].stepz"),
        ("data", """{"kind":"shapes","sise":8}""", "$.data.sise"),
        ("optimizer", """{"kind":"sdg"}""", "$.optimizer.kind"),
        ("model", """{"kind":"cmn"}""", "$.model.kind"),
        ("entriez", "[]", "$.entriez"),
    ];

    [Fact]
    public void Check_MistakesOfBothKinds_ListsEachAndNoOther() => Gen.Select(Gen.Int[0, Rules.Length - 1].HashSet[0, 4], Gen.Int[0, Wrong.Length - 1].HashSet[0, 3]).Sample(
        (broken, wrong) =>
        {
            JsonObject job = JsonNode.Parse(Base)!.AsObject();
            var rules = new List<Rule>();
            foreach (Rule rule in broken.Select(i => Rules[i]))
            {
                // No two rules that give or read the same field.
                if (!rules.Any(other => other.Reads.Intersect(rule.Reads).Any(at => other.Fields.Concat(rule.Fields).Any(field => field.At == at))))
                {
                    rules.Add(rule);
                    Set(job, rule.Fields);
                }
            }

            HashSet<string> given = [.. job.Select(static member => member.Key)];
            Set(job, [.. wrong.Select(static i => (Wrong[i].At, Wrong[i].Value))]);
            bool hasUnknown = wrong.Any(i => Wrong[i].At == "entriez");
            IEnumerable<string> told = rules
                .Where(rule => !rule.Reads.Any(at => wrong.Any(i => Wrong[i].At == at) || (hasUnknown && !given.Contains(at))))
                .Select(static rule => rule.Place)
                .Concat(wrong.Select(static i => Wrong[i].Place));

            Assert.Equal(told.Order(StringComparer.Ordinal), Places(job.ToJsonString()).Order(StringComparer.Ordinal));
        },
        iter: 2_000);

    [Theory]
    [InlineData("""{"kind":"train","data":{"kind":"points","path":"p.csv"},"augment":{"flip":true},"epochs":0}""", "$.augment", "$.epochs")]
    [InlineData("""{"kind":"train","data":{"kind":"shapes"},"epochs":0,"epochs":1,"loss":{"kind":"differential","temperature":[1,2]}}""", "$.epochs", "$.epochs", "$.loss")]
    [InlineData("""{"kind":"train","data":{"kind":"shapes"},"optimizer":{"kind":"normalizedGradient"},"adversarial":{"norm":"l2","epsilon":1},"augment":3}""", "$.adversarial", "$.augment")]
    [InlineData("""{"kind":"theory","data":{"kind":"shapes"},"iterations":0}""", "$.data.kind", "$.iterations")]
    [InlineData("""{"kind":"attack","model":"m.safetensors","output":"logits","data":{"kind":"shapes"},"attacks":[]}""", "$.attacks", "$.output")]
    [InlineData("""{"kind":"attack","model":7,"output":"logits","data":{"kind":"shapes"},"attacks":[{"kind":"deepFool"}]}""", "$.model")]
    [InlineData("""{"kind":"attack","modell":"m.onnx","output":"logits","data":{"kind":"shapes"},"attacks":[{"kind":"deepFool"}]}""", "$", "$.modell")]
    [InlineData("""{"kind":"compare","data":{"kind":"shapes"},"entries":[{"name":"a"},{"name":"a","epochs":0},{"nam":"b"}],"losses":[{"kind":"hinge"}],"attacks":[{"kind":"deepFool"}]}""", "$.entries", "$.entries[1].epochs", "$.entries[1].name", "$.entries[2]", "$.entries[2].nam")]
    [InlineData("""{"kind":"compare","data":{"kind":"shapes"},"losses":[{"kind":"differential","temperature":[1,2]}],"selekt":{},"attacks":[{"kind":"deepFool"}]}""", "$.selekt")]
    [InlineData("""{"kind":"sweep","job":{"kind":"train","data":{"kind":"shapes"},"threshold":"validation","keep":"best","epochs":0},"seeds":[1,2]}""", "$.job.epochs", "$.job.keep", "$.job.threshold")]
    [InlineData("""{"kind":"sweep","job":{"kind":"train","data":{"kind":"shapes"},"keep":"best","epochs":0},"fields":{"data.validation":[0.1,0.2]}}""", "$.job.epochs")]
    [InlineData("""{"kind":"sweep","job":{"kind":"train","data":{"kind":"shapes"},"keep":"best"},"learningRates":[0.1,0.2],"fields":{"epochs":[1,0],"batchSize":[1,2]}}""", "job 1: $.batchSize", "job 1: $.keep", "job 3: $.epochs")]
    [InlineData("""{"kind":"train","data":{"kind":"shapes"},"loss":{"kind":"hinge","temperature":1},"model":{"kind":"small","input":{"mean":[0,"a",1e300]}}}""", "$.loss.temperature", "$.model.input.mean[1]", "$.model.input.mean[2]")]
    [InlineData("""{"kind":"compare","data":{"kind":"shapes"},"select":{},"losses":[{"kind":"differential","temperature":[1,-1,"x",1]}],"attacks":[{"kind":"deepFool"}],"split":["tests","train","train"]}""", "$.losses[0].temperature[1]", "$.losses[0].temperature[2]", "$.losses[0].temperature[3]", "$.select.by", "$.split[0]", "$.split[2]")]
    [InlineData("""{"kind":"train","data":{"kind":"shapes","classCounts":{"a":0,"b":1,"B":1}},"loss":{"kind":"crossEntropy","classWeights":[-1,2,"x"]},"threshold":{"for":"x","on":"y"}}""", "$.data.classCounts[\"B\"]", "$.data.classCounts[\"a\"]", "$.loss.classWeights[0]", "$.loss.classWeights[2]", "$.threshold.for", "$.threshold.on")]
    public void Check_AJob_ListsTheseMistakes(string job, params string[] places) =>
        Assert.Equal(places.Order(StringComparer.Ordinal), Places(job).Order(StringComparer.Ordinal));

    private static void Set(JsonObject job, (string At, string Value)[] fields)
    {
        foreach ((string at, string value) in fields)
        {
            job[at] = JsonNode.Parse(value);
        }
    }

    private static IEnumerable<string> Places(string job)
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.In("job.json"), job, Encoding.UTF8);
        JobReader.Check(folder.In("job.json"), out IReadOnlyList<InputException> mistakes);
        return mistakes.Select(static mistake => mistake.Place);
    }
}
