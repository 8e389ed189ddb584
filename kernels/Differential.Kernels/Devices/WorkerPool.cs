using System.Runtime.CompilerServices;

namespace Differential.Kernels.Devices;

/// <summary>The work of one chunk of a parallel loop.</summary>
internal interface IChunkBody
{
    void Run(int chunk);
}

/// <summary>
/// Threads that are kept, not started: the caller and <c>threads − 1</c> helpers take chunks from a shared counter
/// until none is left. A loop allocates nothing.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    private const int SpinIterations = 2_000;

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim _wake = new(0);

    // The loop that runs: its number in the upper half, the chunks not yet taken in the lower. A chunk is taken by a
    // compare and swap of both, so a helper that is late for one loop cannot take a chunk of the next by mistake; and
    // the fields below belong to the loop for as long as one of its chunks is out.
    private long _ticket;
    private int _chunks;
    private int _done;
    private void* _body;
    private delegate*<void*, int, void> _run;
    private Exception? _error;

    private int _sleepers;
    private volatile bool _stopping;

    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _threads = new Thread[threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"simd-{i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Runs all chunks and returns when they are done. One thread calls at a time, and not from within a chunk.</summary>
    public void Run<TBody>(int chunks, TBody body)
        where TBody : struct, IChunkBody
    {
        if (chunks <= 1 || _threads.Length == 0)
        {
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                body.Run(chunk);
            }

            return;
        }

        // The body lies in this frame, which outlives the loop; its references are seen there by the collector.
        _body = Unsafe.AsPointer(ref body);
        _run = &Invoke<TBody>;
        _chunks = chunks;
        _error = null;
        _done = 0;
        int loop = Loop(_ticket) + 1;
        Interlocked.Exchange(ref _ticket, ((long)loop << 32) | (uint)chunks);
        int sleepers = Volatile.Read(ref _sleepers);
        if (sleepers > 0)
        {
            _wake.Release(sleepers);
        }

        Take(loop);
        SpinWait spin = default;
        while (Volatile.Read(ref _done) < chunks)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        if (_error is not null)
        {
            throw new InvalidOperationException("a kernel failed", _error);
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _wake.Release(_threads.Length + 1);
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _wake.Dispose();
    }

    private static void Invoke<TBody>(void* body, int chunk)
        where TBody : struct, IChunkBody => Unsafe.AsRef<TBody>(body).Run(chunk);

    private static int Loop(long ticket) => (int)(ticket >> 32);

    private void Work()
    {
        int seen = 0;
        while (!_stopping)
        {
            int spins = 0;
            while (Loop(Volatile.Read(ref _ticket)) == seen && spins++ < SpinIterations)
            {
                Thread.SpinWait(4);
            }

            int loop = Loop(Volatile.Read(ref _ticket));
            if (loop == seen)
            {
                Interlocked.Increment(ref _sleepers);
                if (Loop(Volatile.Read(ref _ticket)) == seen && !_stopping)
                {
                    _wake.Wait();
                }

                Interlocked.Decrement(ref _sleepers);
                continue;
            }

            seen = loop;
            Take(loop);
        }
    }

    private void Take(int loop)
    {
        while (true)
        {
            long ticket = Volatile.Read(ref _ticket);
            int left = (int)ticket;
            if (Loop(ticket) != loop || left == 0)
            {
                return;
            }

            if (Interlocked.CompareExchange(ref _ticket, ticket - 1, ticket) != ticket)
            {
                continue;
            }

            try
            {
                _run(_body, _chunks - left);
            }
#pragma warning disable CA1031 // handed to the caller of the loop
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref _error, exception, null);
            }
#pragma warning restore CA1031
            Interlocked.Increment(ref _done);
        }
    }
}
