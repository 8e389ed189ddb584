using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Rows;

internal sealed unsafe class BallStepSimd(SimdDevice device, int length, int maxCount) : BallStep(device, length, maxCount)
{
    protected override void StepCore(Tensor<float> x, Tensor<float> gradient, Tensor<float> origin, RowNorm norm, Tensor<float> steps, Tensor<float> radii, float low, float high, int count) =>
        RowLoop.Run(
            device,
            Length,
            count,
            new StepRow(
                new MoveRow(SimdDevice.Pointer(x), SimdDevice.Pointer(gradient), norm, SimdDevice.Pointer(steps)),
                new ProjectRow(SimdDevice.Pointer(x), SimdDevice.Pointer(origin), norm, SimdDevice.Pointer(radii), low, high)));

    protected override void MoveCore(Tensor<float> x, Tensor<float> gradient, RowNorm norm, Tensor<float> steps, int count) =>
        RowLoop.Run(device, Length, count, new MoveRow(SimdDevice.Pointer(x), SimdDevice.Pointer(gradient), norm, SimdDevice.Pointer(steps)));

    protected override void ProjectCore(Tensor<float> x, Tensor<float> origin, RowNorm norm, Tensor<float> radii, float low, float high, int count) =>
        RowLoop.Run(device, Length, count, new ProjectRow(SimdDevice.Pointer(x), SimdDevice.Pointer(origin), norm, SimdDevice.Pointer(radii), low, high));

    private readonly struct StepRow(MoveRow move, ProjectRow project) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits)
        {
            move.Run(row, offset, length, vectorBits);
            project.Run(row, offset, length, vectorBits);
        }
    }

    private readonly struct MoveRow(float* x, float* gradient, RowNorm norm, float* steps) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits)
        {
            if (norm == RowNorm.Linf)
            {
                ElementwiseLoop.Range(vectorBits, new MoveBySign(x + offset, gradient + offset, steps[row]), 0, length);
                return;
            }

            (float lift, float factor) = BallOperator.StepFactors(steps[row], RowSums.L2(gradient + offset, null, length));
            ElementwiseLoop.Range(vectorBits, new MoveByGradient(x + offset, gradient + offset, lift, factor), 0, length);
        }
    }

    private readonly struct ProjectRow(float* x, float* origin, RowNorm norm, float* radii, float low, float high) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits)
        {
            float radius = radii[row];
            if (norm == RowNorm.Linf)
            {
                ElementwiseLoop.Range(vectorBits, new ProjectOnBox(x + offset, origin + offset, radius, low, high), 0, length);
                return;
            }

            if (norm == RowNorm.L1 && RowSums.L1Threshold(x + offset, origin + offset, length, radius) is var threshold && threshold > 0)
            {
                ElementwiseLoop.Range(vectorBits, new ShrinkBy(x + offset, origin + offset, (float)threshold, low, high), 0, length);
                return;
            }

            double distance = norm == RowNorm.L1 ? 0 : RowSums.L2(x + offset, origin + offset, length);
            if (distance > radius)
            {
                float shrink = (float)(radius / distance);
                ElementwiseLoop.Range(vectorBits, new Shrink(x + offset, origin + offset, shrink, low, high), 0, length);
            }
            else
            {
                ElementwiseLoop.Range(vectorBits, new ClipBody(x + offset, low, high), 0, length);
            }
        }
    }

    private readonly struct MoveBySign(float* x, float* gradient, float step) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                BallOperator.MoveBySign<TVector, TSimd>(TSimd.Load(x + index), TSimd.Load(gradient + index), TSimd.Broadcast(step)),
                x + index);
    }

    private readonly struct MoveByGradient(float* x, float* gradient, float lift, float factor) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                BallOperator.MoveByGradient<TVector, TSimd>(TSimd.Load(x + index), TSimd.Load(gradient + index), TSimd.Broadcast(lift), TSimd.Broadcast(factor)),
                x + index);
    }

    private readonly struct ProjectOnBox(float* x, float* origin, float radius, float low, float high) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                BallOperator.ProjectOnBox<TVector, TSimd>(
                    TSimd.Load(x + index), TSimd.Load(origin + index), TSimd.Broadcast(radius), TSimd.Broadcast(low), TSimd.Broadcast(high)),
                x + index);
    }

    private readonly struct ShrinkBy(float* x, float* origin, float threshold, float low, float high) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                BallOperator.ShrinkBy<TVector, TSimd>(
                    TSimd.Load(x + index), TSimd.Load(origin + index), TSimd.Broadcast(threshold), TSimd.Broadcast(low), TSimd.Broadcast(high)),
                x + index);
    }

    private readonly struct Shrink(float* x, float* origin, float shrink, float low, float high) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                BallOperator.Shrink<TVector, TSimd>(
                    TSimd.Load(x + index), TSimd.Load(origin + index), TSimd.Broadcast(shrink), TSimd.Broadcast(low), TSimd.Broadcast(high)),
                x + index);
    }
}
