using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>Picks elements of each sample by index: transposition, padding, slices, and their gradients. Indices are the caller's to keep in range; tensors do not overlap.</summary>
public abstract class ElementGather(ComputeDevice device) : Operation(device)
{
    public static ElementGather Create(ComputeDevice device) => device switch
    {
        SimdDevice simd => new ElementGatherSimd(simd),
        IlgpuDevice ilgpu => new ElementGatherIlgpu(ilgpu),
        _ => throw NoKernel(device, nameof(ElementGather)),
    };

    /// <summary>y[n, i] = x[n, index[i]], or the fill value where index[i] is −1.</summary>
    /// <param name="x">[count, sourceLength].</param>
    /// <param name="sourceLength">Elements of a sample of x.</param>
    /// <param name="index">[targetLength], each from −1 to before sourceLength.</param>
    /// <param name="fill">For −1.</param>
    /// <param name="y">[count, targetLength], overwritten.</param>
    /// <param name="targetLength">Elements of a sample of y.</param>
    /// <param name="count">Samples.</param>
    public void Gather(Tensor<float> x, int sourceLength, Tensor<int> index, float fill, Tensor<float> y, int targetLength, int count)
    {
        Check(x, (long)count * sourceLength, nameof(x));
        Check(index, targetLength, nameof(index));
        Check(y, (long)count * targetLength, nameof(y));
        GatherCore(x, sourceLength, index, fill, y, targetLength, count);
    }

    /// <summary>y[n, index[i]] = x[n, i]; the indices are distinct, and other elements of y stay.</summary>
    /// <param name="x">[count, sourceLength].</param>
    /// <param name="sourceLength">Elements of a sample of x.</param>
    /// <param name="index">[sourceLength], each from 0 to before targetLength.</param>
    /// <param name="y">[count, targetLength].</param>
    /// <param name="targetLength">Elements of a sample of y.</param>
    /// <param name="count">Samples.</param>
    public void Scatter(Tensor<float> x, int sourceLength, Tensor<int> index, Tensor<float> y, int targetLength, int count)
    {
        Check(x, (long)count * sourceLength, nameof(x));
        Check(index, sourceLength, nameof(index));
        Check(y, (long)count * targetLength, nameof(y));
        ScatterCore(x, sourceLength, index, y, targetLength, count);
    }

    /// <summary>y[n, j] = Σ x[n, members[k]] for k from starts[j] to before starts[j + 1], in that order.</summary>
    /// <param name="x">[count, sourceLength].</param>
    /// <param name="sourceLength">Elements of a sample of x.</param>
    /// <param name="starts">[targetLength + 1], ascending.</param>
    /// <param name="members">Each from 0 to before sourceLength.</param>
    /// <param name="y">[count, targetLength], overwritten.</param>
    /// <param name="targetLength">Elements of a sample of y.</param>
    /// <param name="count">Samples.</param>
    public void Sum(Tensor<float> x, int sourceLength, Tensor<int> starts, Tensor<int> members, Tensor<float> y, int targetLength, int count)
    {
        Check(x, (long)count * sourceLength, nameof(x));
        Check(starts, (long)targetLength + 1, nameof(starts));
        Check(members, 1, nameof(members));
        Check(y, (long)count * targetLength, nameof(y));
        SumCore(x, sourceLength, starts, members, y, targetLength, count);
    }

    protected abstract void GatherCore(Tensor<float> x, int sourceLength, Tensor<int> index, float fill, Tensor<float> y, int targetLength, int count);

    protected abstract void ScatterCore(Tensor<float> x, int sourceLength, Tensor<int> index, Tensor<float> y, int targetLength, int count);

    protected abstract void SumCore(Tensor<float> x, int sourceLength, Tensor<int> starts, Tensor<int> members, Tensor<float> y, int targetLength, int count);
}
