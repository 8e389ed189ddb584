using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>One axis of Winograd's transforms for a kernel size; <see cref="WinogradTiles"/> applies them to both axes. Strides count floats.</summary>
internal unsafe interface IWinogradLines
{
    /// <summary>Elements of a line of a tile: four outputs need as many as four and the kernel less one.</summary>
    static abstract int Size { get; }

    /// <summary>Taps of the kernel.</summary>
    static abstract int Kernel { get; }

    /// <summary>Bᵀ·d, written to <see cref="Size"/> places; a sixth input is looked at where there is one.</summary>
    static abstract void InputLine<TVector, TSimd>(TVector d0, TVector d1, TVector d2, TVector d3, TVector d4, TVector d5, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>;

    /// <summary>Aᵀ·m: four outputs of a line of products.</summary>
    static abstract void OutputLine<TVector, TSimd>(float* at, nint stride, out TVector o0, out TVector o1, out TVector o2, out TVector o3)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>;

    /// <summary>G·g of the taps of a kernel.</summary>
    static abstract void KernelLine<TVector, TSimd>(float* at, nint from, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>;

    /// <summary>G·g of four output gradients, which are the kernel where the taps are what is asked for.</summary>
    static abstract void GradientLine<TVector, TSimd>(TVector g0, TVector g1, TVector g2, TVector g3, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>;

    /// <summary>Aᵀ·m: the gradients by the taps of a line of sums.</summary>
    static abstract void TapLine<TVector, TSimd>(float* at, nint from, float* to, nint stride)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>;
}
