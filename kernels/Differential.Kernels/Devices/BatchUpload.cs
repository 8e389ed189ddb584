namespace Differential.Kernels.Devices;

/// <summary>
/// Bytes that come from the host batch by batch. The host fills <see cref="Host"/>, from any thread, while the device computes with the
/// batch before; <see cref="Send"/> copies it in beside the queued kernels and not behind them.
/// </summary>
public abstract class BatchUpload : Operation
{
    protected BatchUpload(ComputeDevice device, int length)
        : base(device) => Length = length;

    /// <summary>Bytes of a batch at most.</summary>
    public int Length { get; }

    /// <summary>Where the host puts the next batch together, <see cref="Length"/> bytes; not to be touched during <see cref="Send"/>.</summary>
    public abstract Span<byte> Host { get; }

    /// <param name="device">Where the batches go.</param>
    /// <param name="length">Bytes of a batch at most.</param>
    public static BatchUpload Create(ComputeDevice device, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return device switch
        {
            SimdDevice simd => new BatchUploadSimd(simd, length),
            IlgpuDevice ilgpu => new BatchUploadIlgpu(ilgpu, length),
            _ => throw NoKernel(device, nameof(BatchUpload)),
        };
    }

    /// <summary>
    /// The front of <see cref="Host"/> on the device. The result is for work that is queued before the next call; after this returns
    /// <see cref="Host"/> may be filled again on devices with a queue, and on others once that work is done.
    /// </summary>
    /// <param name="count">Bytes to send.</param>
    public Tensor<byte> Send(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length);
        Device.RefuseInGraph("sending a batch");
        return SendCore(count);
    }

    protected abstract Tensor<byte> SendCore(int count);
}
