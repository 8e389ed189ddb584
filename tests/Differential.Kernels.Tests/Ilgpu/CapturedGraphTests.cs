using Differential.Kernels.Devices;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>When work is recorded, replayed or queued plainly, with a queue that notes what it is asked for.</summary>
public sealed class CapturedGraphTests : IDisposable
{
    private readonly SimdDevice _device = new(threads: 1);
    private readonly List<string> _log = [];
    private readonly List<string> _refusals = [];

    [Fact]
    public void Run_ThreeTimes_QueuesRecordsAndReplays()
    {
        using (CapturedGraph graph = Create(new FakeCapture(_log)))
        {
            Run(graph, times: 1);
            Assert.False(graph.IsRecorded);
            Run(graph, times: 3);
            Assert.True(graph.IsRecorded);
        }

        Assert.Equal(["work", "begin", "work", "end", "launch", "launch", "launch", "dispose"], _log);
        Assert.Empty(_refusals);
    }

    [Theory]
    [InlineData("begin", "work begin work work")]
    [InlineData("work", "work begin abort work work")]
    [InlineData("end", "work begin work end work work")]
    public void Run_DriverRefuses_QueuesPlainlyFromThenOn(string where, string expected)
    {
        using (CapturedGraph graph = Create(new FakeCapture(_log) { Refusal = where }))
        {
            for (int i = 0; i < 3; i++)
            {
                graph.Run(() =>
                {
                    if (where == "work" && _log.LastOrDefault() == "begin")
                    {
                        throw new GraphRefusedException("refused in work");
                    }

                    _log.Add("work");
                });
            }
        }

        Assert.Equal(expected.Split(' '), _log);
        Assert.Equal([$"refused in {where}"], _refusals);
    }

    [Fact]
    public void Run_WorkThrowsWhileRecorded_EndsTheRecordingAndThrows()
    {
        using CapturedGraph graph = Create(new FakeCapture(_log));
        Run(graph, times: 1);
        Assert.Throws<InvalidOperationException>(() => graph.Run(() => _device.Allocate(new Shape(1)).Dispose()));
        Assert.Equal(["work", "begin", "abort"], _log);
        Run(graph, times: 1);
        Assert.Equal(["work", "begin", "abort", "begin", "work", "end", "launch"], _log);
    }

    [Fact]
    public void Run_DeviceLostInReplay_Throws()
    {
        using CapturedGraph graph = Create(new FakeCapture(_log) { Refusal = "launch" });
        Run(graph, times: 1);
        Assert.Throws<DeviceLostException>(() => Run(graph, times: 1));
        Assert.Empty(_refusals);
    }

    public void Dispose() => _device.Dispose();

    private CapturedGraph Create(FakeCapture capture) => new(_device, capture, _refusals.Add);

    private void Run(CapturedGraph graph, int times)
    {
        for (int i = 0; i < times; i++)
        {
            graph.Run(() => _log.Add("work"));
        }
    }

    private sealed class FakeCapture(List<string> log) : IStreamCapture, IReplay
    {
        /// <summary>The call that fails.</summary>
        public string Refusal { get; init; } = string.Empty;

        public void Begin() => Note("begin");

        public IReplay End()
        {
            Note("end");
            return this;
        }

        public void Abort() => log.Add("abort");

        public void Launch()
        {
            log.Add("launch");
            if (Refusal == "launch")
            {
                throw new DeviceLostException("lost");
            }
        }

        public void Dispose() => log.Add("dispose");

        private void Note(string call)
        {
            log.Add(call);
            if (Refusal == call)
            {
                throw new GraphRefusedException($"refused in {call}");
            }
        }
    }
}
