using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Differential.Service.Tests.Commands;

namespace Differential.Service.Tests.Cluster.Slurm;

/// <summary>The commands against stand-ins for Slurm's, as a user calls them.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SlurmCommandTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly StandInSlurm _slurm;

    public SlurmCommandTests()
    {
        _slurm = new StandInSlurm(_folder.In("bin"));
        _folder.Write("sweep.json", SweepTexts.Sweep);
    }

    [Fact]
    public async Task Slurm_Sweep_IsFrozenAndHandedInWithItsCollector()
    {
        ProgramRun run = await Slurm("--parallel", "3", "--", "--partition=gpu", "--comment=a b");

        Assert.True(run.Status == 0, run.Error);
        Assert.StartsWith("4 jobs on simd: array 101, collected by job 102\n", run.Output, StringComparison.Ordinal);
        string folder = _folder.In("out");
        string name = Name(0);
        Assert.Equal(
            [
                $"--parsable --output={folder}/slurm/logs/%A_%a.out --partition=gpu --comment=a b --job-name={name} --array=1-4%3 {folder}/slurm/task.sh 0",
                $"--parsable --output={folder}/slurm/logs/collect_%j.out --partition=gpu --comment=a b --job-name={name}-collect --dependency=afterany:101 {folder}/slurm/collect.sh",
            ],
            _slurm.Calls("sbatch"));
        Assert.Equal("simd", (string)JsonNode.Parse(File.ReadAllText(_folder.In("out/job.json")))!["device"]!);
        string script = File.ReadAllText(_folder.In("out/slurm/task.sh"));
        Assert.Contains($"program=({Executable.Program})\nfolder={folder}\n", script, StringComparison.Ordinal);
        Assert.Contains("#SBATCH --signal=B:USR1@120", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slurm_SourceChangedBehindIt_LeavesTheFrozenSweepAlone()
    {
        await Slurm();
        string frozen = File.ReadAllText(_folder.In("out/job.json"));
        _folder.Write("sweep.json", SweepTexts.Long(7));

        ProgramRun again = await Slurm();

        Assert.Equal(2, again.Status);
        Assert.Contains("the folder of another job", again.Error, StringComparison.Ordinal);
        Assert.Equal(frozen, File.ReadAllText(_folder.In("out/job.json")));
        Assert.Equal(0, (await _slurm.Run(_folder.Path, "run", "out", "--task", "1", "--threads", "1")).Status);
    }

    [Fact]
    public async Task Slurm_Again_HandsNothingInTwice()
    {
        await Slurm();
        _slurm.Queue = "101_1|RUNNING|n1\n101_[2-4]|PENDING|(Resources)\n";

        ProgramRun again = await Slurm();

        Assert.Equal("Handed in already: array 101, collected by job 102", again.Output.Split('\n')[0]);
        Assert.Equal(2, _slurm.Calls("sbatch").Count);
    }

    [Theory]
    [InlineData(101, "Handed in already: array 101, collected by job 102")]
    [InlineData(102, "Handed in already: array 101, collected by job 102")]
    public async Task Slurm_ProcessThatDiesBehindASubmission_IsGoneOnWithByTheName(int id, string said)
    {
        _slurm.DiesBehind = id;
        ProgramRun dead = await Slurm();
        Assert.Equal(137, dead.Status);
        _slurm.DiesBehind = null;
        _slurm.Queue = "101_1|RUNNING|n1\n";

        ProgramRun again = await Slurm();

        Assert.True(again.Status == 0, again.Error);
        Assert.Equal(said, again.Output.Split('\n')[0]);
        Assert.Equal(1, _slurm.Calls("sbatch").Count(c => c.Contains("--array=", StringComparison.Ordinal)));
        Assert.Equal(1, _slurm.Calls("sbatch").Count(c => c.Contains("-collect", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Slurm_AfterTheArrayIsOver_HandsInWhatIsNotDone()
    {
        await Slurm();
        await _slurm.Run(_folder.Path, "run", "out", "--task", "2", "--threads", "1");
        _slurm.Queue = "101_1|CANCELLED|\n101_2|COMPLETED|\n101_3|FAILED|\n101_4|NODE_FAIL|\n";

        ProgramRun again = await Slurm();

        Assert.StartsWith("3 jobs on simd: array 103, collected by job 104\n", again.Output, StringComparison.Ordinal);
        Assert.Contains("--array=1,3-4 ", _slurm.Calls("sbatch")[2], StringComparison.Ordinal);
        foreach (int number in (int[])[1, 3, 4])
        {
            await _slurm.Run(_folder.Path, "run", "out", "--task", $"{number}", "--threads", "1");
        }

        _slurm.Queue = null;
        Assert.StartsWith("Every job is done", (await Slurm()).Output, StringComparison.Ordinal);
        Assert.Equal(4, _slurm.Calls("sbatch").Count);
    }

    [Fact]
    public async Task Slurm_SmallMaxArraySize_MakesSeveralArraysThatKeepTheLimitTogether()
    {
        _slurm.MaxArraySize = 3;

        ProgramRun run = await Slurm("--parallel", "2");

        Assert.True(run.Status == 0, run.Error);
        IReadOnlyList<string> calls = _slurm.Calls("sbatch");
        Assert.EndsWith("--array=1-2%2 " + _folder.In("out/slurm/task.sh") + " 0", calls[0], StringComparison.Ordinal);
        Assert.EndsWith("--array=1-2%2 --dependency=afterany:101 " + _folder.In("out/slurm/task.sh") + " 2", calls[1], StringComparison.Ordinal);
        Assert.Contains("--dependency=afterany:101:102 ", calls[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slurm_Refused_SaysWhatSbatchSaid()
    {
        _slurm.Refusal = "invalid partition specified: gpu";

        ProgramRun run = await Slurm("--", "--partition=gpu");

        Assert.Equal(1, run.Status);
        Assert.Contains("sbatch: error: invalid partition specified: gpu", run.Error, StringComparison.Ordinal);
        _slurm.Refusal = null;
        Assert.Equal(0, (await Slurm("--", "--partition=gpu")).Status);
    }

    [Theory]
    [InlineData("arguments: --output: none given", "slurm", "sweep.json")]
    [InlineData("arguments: slurm: '-p'; allowed: options of sbatch behind --", "slurm", "sweep.json", "--output", "out", "-p")]
    [InlineData("arguments: --parallel: the number 0; allowed: 1 to ", "slurm", "sweep.json", "--output", "out", "--parallel", "0")]
    [InlineData("arguments: --: '--array=1' for sbatch", "slurm", "sweep.json", "--output", "out", "--", "--array=1")]
    [InlineData("train.json: $.kind: \"train\", which is one job; allowed: sweep, compare", "slurm", "train.json", "--output", "out")]
    [InlineData("out: file: no frozen sweep (it has no job.json)", "collect", "out")]
    [InlineData("./out: file: no frozen sweep (it has no job.json)", "status", "./out")]
    [InlineData("./out: file: no frozen sweep (it has no job.json)", "cancel", "./out")]
    [InlineData("frozen: file: a sweep that was not handed in to Slurm", "cancel", "frozen")]
    [InlineData("arguments: --task: the number 5; allowed: 1 to 4", "run", "frozen", "--task", "5")]
    [InlineData("arguments: --task: the number 0; allowed: 1 to 4", "run", "frozen", "--task", "0")]
    [InlineData("arguments: --device: 'simd' beside --task", "run", "frozen", "--task", "1", "--device", "simd")]
    [InlineData("arguments: --output: 'x' beside --task", "run", "frozen", "--task", "1", "--output", "x")]
    [InlineData("arguments: job: 'frozen', the folder of a run", "run", "frozen")]
    public async Task Commands_BadInput_EndWithTwoAndOneLine(string message, params string[] arguments)
    {
        _folder.Write("train.json", """{ "kind": "train", "data": { "kind": "shapes", "count": 16 } }""");
        SweepTexts.Freeze(_folder, SweepTexts.Sweep, "frozen");

        ProgramRun run = await _slurm.Run(_folder.Path, arguments);

        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Status);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Slurm_AutoWithGpusAskedFor_IsFrozenAsAGpuAndNeverFallsBack()
    {
        _folder.Write("sweep.json", SweepTexts.Sweep.Replace("\"simd\"", "\"auto\"", StringComparison.Ordinal));

        ProgramRun run = await Slurm("--", "--gres=gpu:1");

        Assert.True(run.Status == 0, run.Error);
        string device = (string)JsonNode.Parse(File.ReadAllText(_folder.In("out/job.json")))!["device"]!;
        Assert.Contains(device, (string[])["cuda", "opencl"]);
        Assert.Contains($"frozen as {device}", run.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Run_TaskWhoseDeviceIsNotThere_EndsWithTwo()
    {
        ProgramRun devices = await Executable.Run(_folder.Path, "devices");
        Skip.If(devices.Output.Contains("cuda:9", StringComparison.Ordinal), "this machine has ten GPUs");
        _folder.Write("sweep.json", SweepTexts.Sweep.Replace("\"simd\"", "\"cuda:9\"", StringComparison.Ordinal));
        await Slurm();

        ProgramRun run = await _slurm.Run(_folder.Path, "run", "out", "--task", "1");

        Assert.Equal(2, run.Status);
        Assert.Contains("device 'cuda:9' is not available", run.Error, StringComparison.Ordinal);
        Assert.Equal("failed", TaskState(1));
    }

    [Fact]
    public async Task Run_TaskThatIsHeld_EndsWith75()
    {
        await Slurm();
        using var held = Differential.Service.Runs.RunFolder.Open(_folder.In("out/jobs/1"));

        ProgramRun task = await _slurm.Run(_folder.Path, "run", "out", "--task", "1", "--wait", "0");

        Assert.Equal(75, task.Status);
        Assert.Contains("in use by another process", task.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FolderThatIsHeld_EndsWith75()
    {
        _folder.Write("job.json", """{ "kind": "train", "data": { "kind": "shapes", "count": 16, "size": 8 }, "model": { "kind": "linear" }, "epochs": 1, "batchSize": 8 }""");
        using var held = Differential.Service.Runs.RunFolder.Open(_folder.In("run"));

        ProgramRun run = await Executable.Run(_folder.Path, "run", "job.json", "--output", "run", "--device", "simd");

        Assert.Equal(75, run.Status);
        Assert.Equal("run: file: the run's folder is in use by another process; allowed: one process at a time in a run's folder", run.Error.TrimEnd());
    }

    [Fact]
    public async Task Status_HandedIn_ShowsTheFilesAndSlurmsWord()
    {
        await Slurm();
        await _slurm.Run(_folder.Path, "run", "out", "--task", "2", "--threads", "1");
        _slurm.Queue = "101_1|RUNNING|n1\n101_2|COMPLETED|\n101_3|PENDING|(BeginTime)\n";

        ProgramRun text = await _slurm.Run(_folder.Path, "status", "out");
        ProgramRun json = await _slurm.Run(_folder.Path, "status", "out", "--json");

        Assert.StartsWith("sweep small (", text.Output, StringComparison.Ordinal);
        Assert.Contains("4 jobs: 3 waiting, 0 running, 0 interrupted, 1 done, 0 failed", text.Output, StringComparison.Ordinal);
        JsonArray jobs = JsonNode.Parse(json.Output)!["jobs"]!.AsArray();
        Assert.Equal(["waiting", "done", "waiting", "waiting"], jobs.Select(j => (string)j!["status"]!));
        Assert.Equal(["RUNNING (n1)", "COMPLETED", "PENDING (BeginTime)", "-"], jobs.Select(j => (string)j!["slurm"]!));
        Assert.Equal([0, 1, 0, 0], jobs.Select(j => (int)j!["attempts"]!));
    }

    [Fact]
    public async Task Status_SlurmThatDoesNotAnswer_ShowsTheFilesAlone()
    {
        await Slurm();
        _slurm.IsDown = true;

        ProgramRun run = await _slurm.Run(_folder.Path, "status", "out");

        Assert.Equal(0, run.Status);
        Assert.Contains("4 waiting", run.Output, StringComparison.Ordinal);
        Assert.Contains("Slurm's own states are not known", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_HandedIn_TakesTheWholeOutOfSlurm()
    {
        await Slurm();
        _slurm.Queue = "101_1|RUNNING|n1\n101_2|COMPLETED|\n102|PENDING|(Dependency)\n";

        ProgramRun run = await _slurm.Run(_folder.Path, "cancel", "out");

        Assert.True(run.Status == 0, run.Error);
        Assert.Equal(["101 102"], _slurm.Calls("scancel"));
        Assert.Contains("0 of 4 jobs are done.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Print_Sweep_FreezesItAndHandsNothingIn()
    {
        ProgramRun run = await Slurm("--print", "--", "--partition=gpu");

        Assert.Equal(0, run.Status);
        Assert.Empty(_slurm.Calls("sbatch"));
        Assert.StartsWith("#!/bin/bash\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("#   array1=$(sbatch --parsable ", run.Output, StringComparison.Ordinal);
        Assert.Contains(" --dependency=afterany:$array1 ", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await Executable.Run(_folder.Path, "run", "out", "--task", "4", "--threads", "1")).Status);
        ProgramRun collected = await Executable.Run(_folder.Path, "collect", "out");
        Assert.Contains("3 of 4 jobs have no result yet.", collected.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<ProgramRun> Slurm(params string[] arguments) => _slurm.Run(_folder.Path, ["slurm", "sweep.json", "--output", "out", .. arguments]);

    private string Name(int round) => (string)JsonNode.Parse(File.ReadAllText(_folder.In("out/slurm/submission.json")))!["rounds"]![round]!["arrays"]![0]!["name"]!;

    private string TaskState(int number) => (string)JsonNode.Parse(File.ReadAllText(_folder.In($"out/jobs/{number}/result.json")))!["status"]!;
}
