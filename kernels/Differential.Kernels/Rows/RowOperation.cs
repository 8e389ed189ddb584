using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>An operation on the rows (samples) of [count, length].</summary>
public abstract class RowOperation : Operation
{
    private protected RowOperation(ComputeDevice device, int length, int maxCount)
        : base(device)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        Length = length;
        MaxCount = maxCount;
    }

    /// <summary>Elements of a row.</summary>
    public int Length { get; }

    /// <summary>Largest number of rows in one call.</summary>
    public int MaxCount { get; }

    /// <summary>Checks that each tensor holds <paramref name="count"/> rows.</summary>
    private protected void CheckRows(int count, params ReadOnlySpan<Tensor<float>> tensors)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        foreach (Tensor<float> tensor in tensors)
        {
            Check(tensor, (long)count * Length, nameof(tensors));
        }
    }
}
