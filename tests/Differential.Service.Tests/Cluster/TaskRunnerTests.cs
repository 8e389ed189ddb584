using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Core.Training;
using Differential.Service.Cluster;
using Differential.Service.Jobs;
using Differential.Service.Runs;
using Differential.Service.Tests.Runs;

namespace Differential.Service.Tests.Cluster;

public sealed class TaskRunnerTests
{
    [Fact]
    public void Run_EachJobByItself_LeavesTheBitsOfOneProcess()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Sweep);
        TestJobs.Run(TestJobs.Parse(SweepTexts.Sweep, folder.Path), folder.In("whole"));

        foreach (int number in (int[])[3, 1, 4, 2])
        {
            Assert.NotNull(SweepTexts.Run(sweep, number));
        }

        Assert.Equal(4, SweepTexts.Models(folder.In("whole/jobs")).Count);
        Assert.Equal(SweepTexts.Models(folder.In("whole/jobs")), SweepTexts.Models(folder.In("sweep/jobs")));
        for (int number = 1; number <= 4; number++)
        {
            Assert.Equal(TestJobs.Result(folder.In($"whole/jobs/{number}")), TestJobs.Result(folder.In($"sweep/jobs/{number}")));
        }
    }

    [Fact]
    public void Run_JobThatIsDone_IsNotDoneAgain()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Sweep);
        SweepTexts.Run(sweep, 2);
        DateTime written = File.GetLastWriteTimeUtc(folder.In("sweep/jobs/2/result.json"));

        Assert.Null(SweepTexts.Run(sweep, 2));
        Assert.Equal(written, File.GetLastWriteTimeUtc(folder.In("sweep/jobs/2/result.json")));
        Assert.NotNull(SweepTexts.Run(sweep, 2, new TaskSettings { Fresh = true }));
    }

    [Fact]
    public void Run_HeldByAnotherProcess_EndsAfterItsPatience()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Sweep);
        using RunFolder other = RunFolder.Open(sweep.TaskFolder(1));

        FolderHeldException exception = Assert.Throws<FolderHeldException>(() => SweepTexts.Run(sweep, 1, new TaskSettings { Patience = TimeSpan.FromSeconds(1) }));

        Assert.IsNotType<SupersededException>(exception);
        Assert.Equal(TaskState.Running, SweepFiles.Look(sweep)[0].State);
    }

    [Fact]
    public async Task Run_BesideAnOlderAttempt_TheOlderStopsAndTheNewerGoesOnToTheSameBits()
    {
        using var folder = new TestFolder();
        string text = SweepTexts.Long(4000);
        FrozenSweep sweep = SweepTexts.Freeze(folder, text);
        TestJobs.Run(sweep.Job(1).File, folder.In("whole"));
        using var started = new ManualResetEventSlim();
        Task<Exception?> older = Task.Run<Exception?>(() => Record.Exception(() => SweepTexts.Run(sweep, 1, observer: new EpochGate(3, started))));
        Assert.True(started.Wait(TimeSpan.FromSeconds(60)));

        JobReport? report = SweepTexts.Run(sweep, 1, new TaskSettings { Patience = TimeSpan.FromMinutes(1) });

        Assert.NotNull(report);
        Assert.IsType<SupersededException>(await older);
        Assert.Equal(SweepTexts.Models(folder.In("whole")), SweepTexts.Models(sweep.TaskFolder(1)));
        Assert.Equal(2, RunAttempt.Read(sweep.TaskFolder(1))!.Number);
    }

    [Fact]
    public void Run_SupersededAttempt_WritesNothingMore()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Long(200));
        string checkpoint = Path.Combine(sweep.TaskFolder(1), "checkpoint");
        Dictionary<string, string> atTakeOver = [];
        var observer = new OnEpoch(5, () =>
        {
            RunAttempt.Begin(sweep.TaskFolder(1), TimeProvider.System);
            atTakeOver = Files(checkpoint);
        });

        SupersededException exception = Assert.Throws<SupersededException>(() => SweepTexts.Run(sweep, 1, observer: observer));

        Assert.Contains("attempt 2 has taken the run over", exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(atTakeOver);
        Assert.Equal(atTakeOver, Files(checkpoint));
        Assert.False(File.Exists(Path.Combine(sweep.TaskFolder(1), "result.json")));
        Assert.Equal(TaskState.Interrupted, SweepFiles.Look(sweep)[0].State);
    }

    [Fact]
    public void Run_DeviceThatIsNotThere_FailsAndSaysSoInItsFolder()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Sweep.Replace("\"simd\"", "\"cuda:9\"", StringComparison.Ordinal));

        InputException exception = Assert.Throws<InputException>(() => SweepTexts.Run(sweep, 1));

        Assert.Contains("device 'cuda:9' is not available", exception.Message, StringComparison.Ordinal);
        TaskView view = SweepFiles.Look(sweep)[0];
        Assert.Equal(TaskState.Failed, view.State);
        Assert.Contains("cuda:9", view.Header!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FrozenAuto_IsRefused()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Sweep.Replace("\"simd\"", "\"auto\"", StringComparison.Ordinal));

        InputException exception = Assert.Throws<InputException>(() => SweepTexts.Run(sweep, 1));

        Assert.Contains("\"auto\", which is another device on another machine", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_StartsThatComeNoFurther_AreCapped()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Long(100000));
        for (int start = 1; start <= RunAttempt.MostStalled; start++)
        {
            using var stop = new CancellationTokenSource();
            stop.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => SweepTexts.Run(sweep, 1, cancellation: stop.Token));
        }

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => SweepTexts.Run(sweep, 1));

        Assert.Contains("came no further", exception.Message, StringComparison.Ordinal);
        Assert.Equal(TaskState.Failed, SweepFiles.Look(sweep)[0].State);

        // Whoever starts it by hand then is believed.
        using var once = new CancelAfter(null, epochs: 1);
        Assert.ThrowsAny<OperationCanceledException>(() => SweepTexts.Run(sweep, 1, observer: once, cancellation: once.Token));
        Assert.Equal(TaskState.Interrupted, SweepFiles.Look(sweep)[0].State);
    }

    [Fact]
    public void Run_StartsThatEachEndAnEpoch_AreNotCapped()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Long(30));
        for (int start = 1; start <= RunAttempt.MostStalled + 3; start++)
        {
            using var stop = new CancelAfter(null, epochs: 1);
            Assert.ThrowsAny<OperationCanceledException>(() => SweepTexts.Run(sweep, 1, observer: stop, cancellation: stop.Token));
        }

        Assert.NotNull(SweepTexts.Run(sweep, 1));
        Assert.Equal(RunAttempt.MostStalled + 4, RunAttempt.Read(sweep.TaskFolder(1))!.Number);
    }

    [Fact]
    public void Run_CheckpointOfAnotherVectorWidth_IsToldAndRefusedWhereItMustBeExact()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Long(50));
        using (var stop = new CancelAfter(null, epochs: 2))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => SweepTexts.Run(sweep, 1, observer: stop, cancellation: stop.Token));
        }

        string state = Path.Combine(sweep.TaskFolder(1), "checkpoint", "run.json");
        JsonNode run = JsonNode.Parse(File.ReadAllText(state))!;
        JsonNode origin = Assert.Single(run["origins"]!.AsArray())!;
        int bits = (int)origin["vectorBits"]!;
        Assert.Equal((TrainingOrigin.CurrentProgram, "simd", true), ((string)origin["program"]!, (string)origin["device"]!, bits is 512 or 256 or 128 or 32));
        origin["vectorBits"] = bits + 1;
        File.WriteAllText(state, run.ToJsonString());

        InputException refused = Assert.Throws<InputException>(() => SweepTexts.Run(sweep, 1, new TaskSettings { Exact = true }));
        Assert.Contains($"a checkpoint of version {TrainingOrigin.CurrentProgram} on simd with {bits + 1}-bit vectors", refused.Message, StringComparison.Ordinal);
        using var observer = new CancelAfter(null);
        SweepTexts.Run(sweep, 1, observer: observer);

        Assert.Contains(observer.Messages, m => m.StartsWith("Going on from a checkpoint of version", StringComparison.Ordinal));
        JsonNode result = JsonNode.Parse(File.ReadAllText(Path.Combine(sweep.TaskFolder(1), "result.json")))!;
        Assert.Equal([bits + 1, bits], result["origins"]!.AsArray().Select(o => (int)o!["vectorBits"]!));
        Assert.Equal(bits, (int)result["device"]!["vectorBits"]!);
        Assert.Equal(TrainingOrigin.CurrentProgram, (string)result["program"]!);
    }

    [Fact]
    public void Run_WholeSweepWithoutItsState_KeepsTheJobsThatRanByThemselves()
    {
        using var folder = new TestFolder();
        FrozenSweep sweep = SweepTexts.Freeze(folder, SweepTexts.Sweep);
        SweepTexts.Run(sweep, 2);
        DateTime written = File.GetLastWriteTimeUtc(folder.In("sweep/jobs/2/model.safetensors"));
        Assert.False(File.Exists(folder.In("sweep/checkpoint/run.json")));

        TestJobs.Run(TestJobs.Parse(SweepTexts.Sweep, folder.Path), folder.In("sweep"));

        Assert.Equal(written, File.GetLastWriteTimeUtc(folder.In("sweep/jobs/2/model.safetensors")));
        Assert.All(SweepFiles.Look(sweep), job => Assert.Equal(TaskState.Done, job.State));
    }

    private static Dictionary<string, string> Files(string folder) => Directory.GetFiles(folder, "checkpoint-*.bin").ToDictionary(f => f, f => Convert.ToHexString(File.ReadAllBytes(f)));

    private sealed class EpochGate(int epoch, ManualResetEventSlim started) : JobObserver
    {
        public override void EpochDone(string? model, EpochReport report)
        {
            if (report.Epoch >= epoch)
            {
                started.Set();

                // The copy is to begin while this one is at work.
                Thread.Sleep(5);
            }
        }
    }

    private sealed class OnEpoch(int epoch, Action then) : JobObserver
    {
        public override void EpochDone(string? model, EpochReport report)
        {
            if (report.Epoch == epoch)
            {
                then();
            }
        }
    }
}
