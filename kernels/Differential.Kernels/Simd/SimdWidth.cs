using System.Runtime.Intrinsics;

namespace Differential.Kernels.Simd;

/// <summary>Something done in a vector width that is known at run time only.</summary>
internal interface ISimdAction
{
    void Invoke<TVector, TSimd>()
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>;
}

/// <summary>The vector widths, in bits: 512, 256, 128, and 32 for one float at a time.</summary>
internal static class SimdWidth
{
    /// <summary>The widest that this processor runs without a penalty, at most <paramref name="limit"/> bits.</summary>
    public static int Widest(int limit = 512) =>
        limit >= 512 && Vector512.IsHardwareAccelerated ? 512
        : limit >= 256 && Vector256.IsHardwareAccelerated ? 256
        : limit >= 128 && Vector128.IsHardwareAccelerated ? 128
        : 32;

    /// <summary>Invokes <paramref name="action"/> with the types of a width.</summary>
    public static void Invoke<TAction>(int bits, ref TAction action)
        where TAction : struct, ISimdAction
    {
        switch (bits)
        {
            case 512:
                action.Invoke<Vector512<float>, Simd512>();
                break;
            case 256:
                action.Invoke<Vector256<float>, Simd256>();
                break;
            case 128:
                action.Invoke<Vector128<float>, Simd128>();
                break;
            default:
                action.Invoke<float, SimdScalar>();
                break;
        }
    }
}
