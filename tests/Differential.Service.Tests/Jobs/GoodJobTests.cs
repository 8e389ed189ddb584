using System.Text;
using System.Text.Json;
using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Runs;

namespace Differential.Service.Tests.Jobs;

public class GoodJobTests
{
    public static TheoryData<string> Examples => [.. Repository.ExampleJobs.Select(p => Path.GetFileName(p)!)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Read_ExampleJob_IsValid(string name)
    {
        JobFile job = JobReader.Read(Path.Combine(Repository.Root, "examples", "jobs", name));

        // A file is called after its job's name where there are several of a kind.
        Assert.Contains(Path.GetFileNameWithoutExtension(name), (string?[])[job.Spec.Kind, job.Spec.Name]);
    }

    [Fact]
    public void Parse_OnlyRequiredFields_FillsInDefaults()
    {
        var spec = (TrainSpec)Parse("""{"data":{"kind":"shapes"},"kind":"train"}""");

        Assert.Equal((1, "auto", 0, 15, 128), (spec.Seed, spec.Device, spec.Priority, spec.Epochs, spec.BatchSize));
        Assert.IsType<CnnOptions>(spec.Model);
        Assert.Equal(new DifferentialOptions(), spec.Loss);
        Assert.Equal(new SgdOptions { LearningRate = 0.02, Momentum = 0.9 }, spec.Optimizer);
        Assert.Equal(new ThresholdChoice(ThresholdRule.Fitted), spec.Threshold);
    }

    [Theory]
    [InlineData("crossEntropy", ThresholdRule.Zero)]
    [InlineData("squaredError", ThresholdRule.Zero)]
    [InlineData("hinge", ThresholdRule.Zero)]
    [InlineData("differential", ThresholdRule.Fitted)]
    public void Parse_NoThreshold_TakesTheLosssDefault(string loss, ThresholdRule expected)
    {
        var spec = (TrainSpec)Parse("{\"kind\":\"train\",\"data\":{\"kind\":\"affine\"},\"loss\":{\"kind\":\"" + loss + "\"}}");

        Assert.Equal(new ThresholdChoice(expected), spec.Threshold);
        Assert.IsType<LinearOptions>(spec.Model);
    }

    [Fact]
    public void Parse_CommentsCommasAndMark_AreTaken()
    {
        byte[] text = [0xEF, 0xBB, 0xBF, .. "/* a */ {\"kind\": \"theory\", // b\n \"data\": {\"kind\": \"affine\",}, }"u8];

        Assert.IsType<TheorySpec>(JobReader.Parse(text, "job.json", new PathPolicy(Path.GetTempPath())).Spec);
    }

    [Fact]
    public void Parse_FractionsAndSplits_AreRead()
    {
        var spec = (AttackSpec)Parse("""{"kind":"attack","model":"a/../m.safetensors","data":{"kind":"shapes"},"split":["test","train"],"attacks":[{"epsilons":["8/255",0.5],"kind":"pgd"}]}""");

        Assert.Equal(["test", "train"], spec.Split.Names);
        Assert.Equal([8 / 255.0, 0.5], ((PgdOptions)spec.Attacks[0]).Epsilons.Select(e => e.Value));
        Assert.Equal(new PathPolicy(Path.GetTempPath()).Resolve("m.safetensors", "job.json", "$.model"), spec.Model);
    }

    [Fact]
    public void Parse_WrittenJob_IsTheSameJob()
    {
        foreach (string path in Repository.ExampleJobs)
        {
            JobSpec spec = JobReader.Read(path).Spec;
            string written = JsonSerializer.Serialize(spec, JobJson.Options);

            Assert.Equal(written, JsonSerializer.Serialize(Parse(written), JobJson.Options));
            Assert.Equal(JobIdentity.IdOf(spec), JobIdentity.IdOf(Parse(written)));
        }
    }

    [Fact]
    public void LossNames_SameKindTwice_AreNumbered()
    {
        var spec = (CompareSpec)Parse("""{"kind":"compare","data":{"kind":"shapes"},"attacks":[{"kind":"deepFool"}],"losses":[{"kind":"differential"},{"kind":"hinge"},{"kind":"differential","surrogate":"hinge"}]}""");

        Assert.Equal(["differential-1", "hinge", "differential-2"], spec.LossNames());
    }

    private static JobSpec Parse(string text) => JobReader.Parse(Encoding.UTF8.GetBytes(text), "job.json", new PathPolicy(Path.GetTempPath())).Spec;
}
