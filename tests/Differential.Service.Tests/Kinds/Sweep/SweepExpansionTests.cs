using System.Text;
using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Optimizers;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Tests.Kinds.Sweep;

public sealed class SweepExpansionTests
{
    private const string Train = """{ "kind": "train", "data": { "kind": "shapes", "count": 16 }, "epochs": 1 }""";

    [Fact]
    public void Expand_SeveralLists_MakesEachCombinationInOrder()
    {
        IReadOnlyList<SweepJob> jobs = Expand($$"""
            { "kind": "sweep", "name": "grid", "job": {{Train}}, "seeds": [1, 2], "learningRates": [0.1, 0.2],
              "fields": { "optimizer.weightDecay": [0, 0.5], "loss": [{ "kind": "differential" }, { "kind": "crossEntropy" }] } }
            """);

        Assert.Equal(16, jobs.Count);
        Assert.Equal(Enumerable.Range(1, 16), jobs.Select(j => j.Number));
        Assert.Equal(16, jobs.Select(j => string.Join(",", j.Fields.Select(f => f.Value.GetRawText()))).Distinct().Count());
        var last = (TrainSpec)jobs[^1].File.Spec;
        var optimizer = (SgdOptions)last.Optimizer;
        Assert.Equal((2L, 0.2, 0.5, 0.9), (last.Seed, optimizer.LearningRate, optimizer.WeightDecay, optimizer.Momentum));
        Assert.Equal("crossEntropy", last.Loss.Name);
        Assert.Equal("grid 16", last.Name);
        Assert.Equal(1, ((TrainSpec)jobs[0].File.Spec).Seed);
        Assert.Equal(2, ((TrainSpec)jobs[1].File.Spec).Seed);
    }

    [Fact]
    public void Expand_FieldAndWhatLiesInIt_SetsBoth()
    {
        IReadOnlyList<SweepJob> jobs = Expand($$"""
            { "kind": "sweep", "job": {{Train}}, "learningRates": [0.1, 0.2],
              "fields": { "optimizer.weightDecay": [0.5], "optimizer": [{ "kind": "adam" }, { "kind": "sgd", "momentum": 0.5 }] } }
            """);

        Assert.Equal(["AdamOptions 0.1", "SgdOptions 0.1", "AdamOptions 0.2", "SgdOptions 0.2"], jobs.Select(j => ((TrainSpec)j.File.Spec).Optimizer switch
        {
            AdamOptions { WeightDecay: 0.5 } adam => FormattableString.Invariant($"{nameof(AdamOptions)} {adam.LearningRate}"),
            SgdOptions { WeightDecay: 0.5 } sgd => FormattableString.Invariant($"{nameof(SgdOptions)} {sgd.LearningRate}"),
            _ => "another",
        }));
    }

    [Fact]
    public void Expand_FieldWithinAList_SetsThatEntry()
    {
        IReadOnlyList<SweepJob> jobs = Expand("""
            { "kind": "sweep", "job": { "kind": "train", "data": { "kind": "shapes", "count": 16 },
              "model": { "kind": "network", "layers": [{ "kind": "dense", "units": 8 }, { "kind": "dense", "units": 1 }] } },
              "fields": { "model.layers[0].units": [4, 6] } }
            """);

        Assert.Equal([4, 6], jobs.Select(j => ((Core.Networks.DenseOptions)((TrainSpec)j.File.Spec).Model!.LayerList[0]).Units));
    }

    [Theory]
    [InlineData("""{ "kind": "sweep", "job": JOB }""", "$: a sweep that varies nothing")]
    [InlineData("""{ "kind": "sweep", "seeds": [1] }""", "$: the field 'job' is missing")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "seeds": [] }""", "$.seeds: an empty list")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "seeds": ["a"] }""", "$.seeds[0]: the text \"a\"")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "learningRates": [0] }""", "$.learningRates[0]: the number 0")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "fields": [] }""", "$.fields: an empty list")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "fields": { "a b": [1] } }""", "$.fields[\"a b\"]: no place in a job")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "fields": { "device": ["cuda"] } }""", "$.fields[\"device\"]: a field that can't be varied")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "fields": { "epochs": 3 } }""", "$.fields[\"epochs\"]: the number 3")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "fields": { "optimizer.weightDecy": [1] } }""", ": job 1: $.optimizer.weightDecy: unknown field (did you mean 'weightDecay'?)")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "fields": { "epochs": [1, 0] } }""", ": job 2: $.epochs: the number 0")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "seeds": [3], "fields": { "seed": [1, 2] } }""", "$.seeds: a field of the job that is varied already")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "learningRates": [0.1], "fields": { "optimizer.learningRate": [0.2] } }""", "$.fields[\"optimizer.learningRate\"]: a field of the job that is varied already")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "fields": { "model.layers[00].units": [1] } }""", "$.fields[\"model.layers[00].units\"]: no place in a job")]
    [InlineData("""{ "kind": "sweep", "job": JOB, "fields": { "epochs.deep": [1] } }""", "$.fields[\"epochs.deep\"]: a place that the job does not have")]
    [InlineData("""{ "kind": "sweep", "job": { "kind": "sweep", "job": JOB, "seeds": [1] }, "seeds": [1] }""", "$.job.kind: a sweep within a sweep")]
    [InlineData("""{ "kind": "sweep", "job": { "kind": "theory", "device": "cuda", "data": { "kind": "affine" } }, "seeds": [1] }""", "$.job.device: a field that a sweep's job takes from the sweep")]
    [InlineData("""{ "kind": "sweep", "job": { "kind": "theory", "precision": "tf32", "data": { "kind": "affine" } }, "seeds": [1] }""", "$.job.precision: a field that a sweep's job takes from the sweep")]
    [InlineData("""{ "kind": "sweep", "job": { "kind": "theory", "data": { "kind": "affine" } }, "learningRates": [1] }""", ": job 1: $.optimizer: unknown field")]
    public void Expand_BadSweep_IsRefusedWithItsPlace(string text, string message)
    {
        InputException refused = Assert.Throws<InputException>(() => Expand(text.Replace("JOB", Train, StringComparison.Ordinal)));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Expand_TooManyJobs_IsRefusedBeforeAnyIsMade()
    {
        string many = string.Join(",", Enumerable.Range(0, 1000));
        string fields = string.Join(",", Enumerable.Range(0, 16).Select(i => $"\"f{(char)('a' + i)}\": [{many}]"));

        InputException refused = Assert.Throws<InputException>(() => Expand($$"""{ "kind": "sweep", "job": {{Train}}, "seeds": [{{many}}], "fields": { {{fields}} } }"""));

        Assert.Contains("allowed: at most 1000", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.path", "\"../outside\"", false)]
    [InlineData("data.path", "\"/etc\"", false)]
    [InlineData("data", """{ "kind": "cifar10", "path": "../outside", "positive": 0, "negative": 1 }""", false)]
    [InlineData("data.path", "\"inside\"", true)]
    public void Expand_PathInAField_StaysInTheAllowedRoots(string field, string value, bool allowed)
    {
        string root = Path.Combine(Path.GetTempPath(), "differential-tests", "sweep-root");
        string text = $$"""{ "kind": "sweep", "job": { "kind": "train", "data": { "kind": "cifar10", "path": "x", "positive": 0, "negative": 1 } }, "fields": { "{{field}}": [{{value}}] } }""";

        void Read() => Expand(text, root);

        if (allowed)
        {
            Assert.Equal(Path.Combine(root, "inside"), ((Cifar10Options)((TrainSpec)Expand(text, root)[0].File.Spec).Data).Path);
        }
        else
        {
            Assert.Contains("leads out of the allowed folders", Assert.Throws<InputException>(Read).Message, StringComparison.Ordinal);
        }
    }

    private static IReadOnlyList<SweepJob> Expand(string text, string? root = null)
    {
        JobFile file = JobReader.Parse(Encoding.UTF8.GetBytes(text), "sweep.json", new PathPolicy(root ?? "/", root is null ? null : [root]));
        return SweepExpansion.Expand((SweepSpec)file.Spec, "sweep.json");
    }
}
