using Differential.Kernels.Elementwise;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Rows;

/// <summary>Loads and stores of <see cref="PerturbationOperator"/> for one row of the SIMD device.</summary>
internal static unsafe class PerturbationBodies
{
    internal readonly struct MoveBySign(float* x, float* gradient, float step) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                PerturbationOperator.MoveBySign<TVector, TSimd>(TSimd.Load(x + index), TSimd.Load(gradient + index), TSimd.Broadcast(step)),
                x + index);
    }

    internal readonly struct MoveByGradient(float* x, float* gradient, float lift, float factor) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                PerturbationOperator.MoveByGradient<TVector, TSimd>(TSimd.Load(x + index), TSimd.Load(gradient + index), TSimd.Broadcast(lift), TSimd.Broadcast(factor)),
                x + index);
    }

    internal readonly struct ProjectOnBox(float* x, float* origin, float radius, float low, float high) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                PerturbationOperator.ProjectOnBox<TVector, TSimd>(
                    TSimd.Load(x + index), TSimd.Load(origin + index), TSimd.Broadcast(radius), TSimd.Broadcast(low), TSimd.Broadcast(high)),
                x + index);
    }

    internal readonly struct Shrink(float* x, float* origin, float shrink, float low, float high) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                PerturbationOperator.Shrink<TVector, TSimd>(
                    TSimd.Load(x + index), TSimd.Load(origin + index), TSimd.Broadcast(shrink), TSimd.Broadcast(low), TSimd.Broadcast(high)),
                x + index);
    }

    internal readonly struct Clip(float* x, float low, float high) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(PerturbationOperator.Clip<TVector, TSimd>(TSimd.Load(x + index), TSimd.Broadcast(low), TSimd.Broadcast(high)), x + index);
    }

    internal readonly struct Combine(float a, float* x, float b, float* y, float* z) : IElementwiseBody
    {
        public void At<TVector, TSimd>(nint index)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            TSimd.Store(
                PerturbationOperator.Combine<TVector, TSimd>(TSimd.Broadcast(a), TSimd.Load(x + index), TSimd.Broadcast(b), TSimd.Load(y + index)),
                z + index);
    }
}
