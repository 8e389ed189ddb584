using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Rows;

internal sealed unsafe class RowArithmeticSimd(SimdDevice device, int length, int maxCount) : RowArithmetic(device, length, maxCount)
{
    protected override void ClipCore(Tensor<float> x, float low, float high, int count) =>
        ElementwiseLoop.Run(device, count * Length, new ClipBody(SimdDevice.Pointer(x), low, high));

    protected override void NormsCore(Tensor<float> x, Tensor<float>? y, RowNorm norm, Tensor<float> norms, int count) =>
        RowLoop.Run(device, Length, count, new NormRow(SimdDevice.Pointer(x), y is null ? null : SimdDevice.Pointer(y), norm, SimdDevice.Pointer(norms)));

    protected override void DotsCore(Tensor<float> x, Tensor<float> y, Tensor<float> dots, int count) =>
        RowLoop.Run(device, Length, count, new DotRow(SimdDevice.Pointer(x), SimdDevice.Pointer(y), SimdDevice.Pointer(dots)));

    protected override void CombineCore(Tensor<float> a, Tensor<float> x, Tensor<float> b, Tensor<float> y, Tensor<float> z, int count) =>
        RowLoop.Run(device, Length, count, new CombineRow(SimdDevice.Pointer(a), SimdDevice.Pointer(x), SimdDevice.Pointer(b), SimdDevice.Pointer(y), SimdDevice.Pointer(z)));

    private readonly struct NormRow(float* x, float* y, RowNorm norm, float* norms) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits)
        {
            float* other = y is null ? null : y + offset;
            norms[row] = norm switch
            {
                RowNorm.Linf => RowSums.Linf(x + offset, other, length),
                RowNorm.L2 => (float)RowSums.L2(x + offset, other, length),
                _ => (float)RowSums.L1(x + offset, other, length),
            };
        }
    }

    private readonly struct DotRow(float* x, float* y, float* dots) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits) => dots[row] = (float)RowSums.Dot(x + offset, y + offset, length);
    }

    private readonly struct CombineRow(float* a, float* x, float* b, float* y, float* z) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits) =>
            ElementwiseLoop.Range(vectorBits, new CombineBody(a[row], x + offset, b[row], y + offset, z + offset), 0, length);
    }

    private readonly struct CombineBody(float a, float* x, float b, float* y, float* z) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                RowOperator.Combine<TVector, TSimd>(TSimd.Broadcast(a), TSimd.Load(x + index), TSimd.Broadcast(b), TSimd.Load(y + index)),
                z + index);
    }
}

/// <summary>min(max(x, low), high) of a row's elements, or of all rows'.</summary>
internal readonly unsafe struct ClipBody(float* x, float low, float high) : IElementwiseBody
{
    public void At<TVector, TSimd>(nint index)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> =>
        TSimd.Store(RowOperator.Clip<TVector, TSimd>(TSimd.Load(x + index), TSimd.Broadcast(low), TSimd.Broadcast(high)), x + index);
}
