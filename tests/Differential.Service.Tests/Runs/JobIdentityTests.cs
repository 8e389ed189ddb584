using System.Text.Json.Nodes;
using Differential.Service.Cluster;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Runs;
using Differential.Service.Tests.Cluster;

namespace Differential.Service.Tests.Runs;

/// <summary>A job's id is that of what it computes, and runs that earlier versions began under another one are found.</summary>
public sealed class JobIdentityTests
{
    private const string Train = """{"kind":"train","data":{"kind":"shapes","count":64,"size":8},"model":{"kind":"linear"},"epochs":1,"batchSize":8}""";

    private const string Images = """{"kind":"train","data":{"kind":"images","path":"a","positive":"cat","negative":"dog","size":[8,8]},"epochs":2}""";

    [Theory]
    [InlineData("name", "\"other\"")]
    [InlineData("priority", "5")]
    [InlineData("after", "[\"first\"]")]
    [InlineData("tensorboard", "true")]
    [InlineData("data.source", "\"https://example.org/pets\"")]
    public void IdOf_Note_DoesNotCountInAJobNorInASweepsJob(string field, string value)
    {
        string noted = With(Images, field, value);

        Assert.Equal(IdOf(Images), IdOf(noted));
        if (field is not ("priority" or "after"))
        {
            Assert.Equal(IdOf(Sweep(Images)), IdOf(Sweep(noted)));
        }
    }

    [Theory]
    [InlineData("seed", "2")]
    [InlineData("device", "\"simd\"")]
    [InlineData("convolution", "\"fast\"")]
    [InlineData("epochs", "3")]
    [InlineData("data.path", "\"b\"")]
    [InlineData("data.positive", "\"horse\"")]
    [InlineData("data.trainLimit", "10")]
    public void IdOf_WhatIsComputed_Counts(string field, string value) => Assert.NotEqual(IdOf(Images), IdOf(With(Images, field, value)));

    [Fact]
    public void IdOf_JobsWithoutNotes_HaveTheIdsThatTheyAlwaysHad()
    {
        Assert.Equal("6ed2f582", IdOf(Train));
        Assert.Equal("6ed2f582", JobIdentity.EarlierIdOf(Read(Train)));
        Assert.Equal("ea7bc9b0", JobIdentity.EarlierIdOf(Read("""{"kind":"sweep","seeds":[1,2],"tensorboard":true,"job":""" + With(Train, "name", "\"inner\"") + "}")));
    }

    [Fact]
    public void Run_BegunByAnEarlierVersion_IsFoundAndGoesOnUnderItsId()
    {
        using var folder = new TestFolder();
        JobFile job = TestJobs.Parse(With(With(Train, "epochs", "6"), "tensorboard", "true"), folder.Path);
        string earlier = JobIdentity.EarlierIdOf(job.Spec);
        string old = folder.In(JobIdentity.FolderName(job.Spec, earlier));
        using var stop = new CancelAfter(null, epochs: 3);
        Assert.Throws<OperationCanceledException>(() => TestJobs.With((runner, _) => runner.Run(new JobRequest { Job = job, Id = earlier, Folder = old }, stop, stop.Token)));

        Assert.Equal(old, JobIdentity.FolderIn(folder.Path, job.Spec));
        var rest = new EpochCount();
        JobReport report = TestJobs.Run(job, old, rest);

        Assert.Equal((earlier, 3), (report.Header.Id, rest.Epochs));
        Assert.Equal(earlier, TestJobs.Run(job, old).Header.Id);
    }

    [Fact]
    public void FolderIn_NewAndEarlierRun_IsTheNewOne()
    {
        using var folder = new TestFolder();
        JobFile job = TestJobs.Parse(With(Train, "tensorboard", "true"), folder.Path);
        string wanted = folder.In(JobIdentity.FolderName(job.Spec, IdOf(Train)));
        Assert.Equal(wanted, JobIdentity.FolderIn(folder.Path, job.Spec));
        TestJobs.Run(job, wanted);
        TestJobs.With((runner, _) => runner.Run(new JobRequest { Job = job, Id = JobIdentity.EarlierIdOf(job.Spec), Folder = folder.In(JobIdentity.FolderName(job.Spec, JobIdentity.EarlierIdOf(job.Spec))) }, new CompositeObserver(), default));

        Assert.Equal(wanted, JobIdentity.FolderIn(folder.Path, job.Spec));
    }

    [Fact]
    public void FrozenSweep_JobsOfAnEarlierVersion_AreNotDoneAgain()
    {
        using var folder = new TestFolder();
        string text = SweepTexts.Sweep.Replace("\"small\"", "\"small\", \"tensorboard\": true", StringComparison.Ordinal);
        FrozenSweep sweep = SweepTexts.Freeze(folder, text);
        SweepTexts.Run(sweep, 1);
        string id = sweep.Id;
        string earlier = JobIdentity.EarlierIdOf(sweep.Spec);
        foreach (string file in (string[])["checkpoint/run.json", "result.json"])
        {
            string path = folder.In($"sweep/jobs/1/{file}");
            File.WriteAllText(path, File.ReadAllText(path).Replace(id, earlier, StringComparison.Ordinal));
        }

        Assert.NotEqual(id, earlier);
        FrozenSweep again = SweepTexts.Freeze(folder, text);
        Assert.Equal(earlier, again.Id);
        Assert.Null(SweepTexts.Run(again, 1));
        Assert.Equal($"{earlier}-2", SweepTexts.Run(again, 2)!.Header.Id);
    }

    private static string IdOf(string text) => JobIdentity.IdOf(Read(text));

    private static JobSpec Read(string text) => TestJobs.Parse(text, Path.GetTempPath()).Spec;

    private static string Sweep(string job) => $$"""{"kind":"sweep","seeds":[1,2],"job":{{job}}}""";

    private static string With(string job, string field, string value)
    {
        JsonObject root = JsonNode.Parse(job)!.AsObject();
        string[] steps = field.Split('.');
        JsonObject at = steps.Length == 1 ? root : root[steps[0]]!.AsObject();
        at[steps[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }

    private sealed class EpochCount : JobObserver
    {
        public int Epochs { get; private set; }

        public override void EpochDone(string? model, Differential.Core.Training.EpochReport report) => Epochs++;
    }
}
