using Differential.Kernels.Devices;

namespace Differential.Kernels.Tests.Devices;

public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_ManyLoops_RunsEveryChunkOnce(int threads)
    {
        using WorkerPool pool = new(threads);
        var runs = new int[37];
        for (int loop = 1; loop <= 5_000; loop++)
        {
            int chunks = 1 + (loop % runs.Length);
            Array.Clear(runs);
            pool.Run(chunks, new CountBody(runs));
            Assert.Equal(runs.Select((_, i) => i < chunks ? 1 : 0), runs);
        }
    }

    [Fact]
    public void Run_AfterHelpersFellAsleep_WakesThem()
    {
        using WorkerPool pool = new(3);
        var runs = new int[8];
        for (int loop = 1; loop <= 5; loop++)
        {
            Thread.Sleep(20);
            pool.Run(runs.Length, new CountBody(runs));
            Assert.All(runs, count => Assert.Equal(loop, count));
        }
    }

    [Fact]
    public void Run_ChunkThrows_CallerSeesItAndThePoolGoesOn()
    {
        using WorkerPool pool = new(2);
        Assert.Throws<InvalidOperationException>(() => pool.Run(9, new ThrowBody(4)));
        var runs = new int[9];
        pool.Run(runs.Length, new CountBody(runs));
        Assert.All(runs, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Run_AfterTheFirst_AllocatesNothing()
    {
        using WorkerPool pool = new(2);
        var runs = new int[9];
        pool.Run(runs.Length, new CountBody(runs));
        long before = GC.GetAllocatedBytesForCurrentThread();
        pool.Run(runs.Length, new CountBody(runs));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private readonly struct CountBody(int[] runs) : IChunkBody
    {
        public void Run(int chunk) => Interlocked.Increment(ref runs[chunk]);
    }

    private readonly struct ThrowBody(int failing) : IChunkBody
    {
        public void Run(int chunk)
        {
            if (chunk == failing)
            {
                throw new InvalidOperationException("a chunk that fails");
            }
        }
    }
}
