using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace Differential.Kernels.Devices;

/// <summary>
/// Host memory that uploads pass through: page-locked on CUDA, so that a copy is queued behind the running kernels and
/// the host goes on with the next batch. Pieces are used in turn; only when all were used since the last wait does
/// the host wait for the queue.
/// </summary>
internal sealed class StagingRing(IlgpuDevice device) : IDisposable
{
    private const int Bytes = 16 << 20;
    private const int Alignment = 64;

    private PageLockedArray1D<byte>? _memory;
    private int _next;
    private long _waits;

    /// <summary>Queues a copy of <paramref name="source"/>, which may change as soon as this returns.</summary>
    public void Upload<T>(ArrayView<T> destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        ArrayView<byte> target = destination.Cast<byte>();
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(source);
        _memory ??= device.AllocatePageLocked(Bytes);
        for (int done = 0; done < bytes.Length;)
        {
            int piece = Math.Min(bytes.Length - done, Bytes);
            if (_next + piece > Bytes && device.Waits == _waits)
            {
                device.Wait();
            }

            if (device.Waits != _waits)
            {
                // Whatever was staged before has arrived.
                _next = 0;
                _waits = device.Waits;
            }

            Span<byte> staged = _memory.Span.Slice(_next, piece);
            bytes.Slice(done, piece).CopyTo(staged);

            // A view of the ring itself would not do: ILGPU copies the whole buffer behind a host view to OpenCL.
            target.SubView(done, piece).CopyFromCPUUnsafeAsync(device.Stream, ref MemoryMarshal.GetReference(staged), piece);
            _next += (piece + Alignment - 1) / Alignment * Alignment;
            done += piece;
        }
    }

    public void Dispose() => _memory?.Dispose();
}
