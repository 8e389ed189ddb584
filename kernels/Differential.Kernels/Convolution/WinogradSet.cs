using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>The Winograd transforms of one vector width and kernel size.</summary>
internal sealed unsafe class WinogradSet
{
    private WinogradSet(
        delegate*<float**, float*, nint, int, void> input,
        delegate*<float*, nint, float*, float, float**, int, void> output,
        delegate*<float*, nint, float*, nint, int, void> weights,
        delegate*<float**, float*, nint, int, void> outputGradient,
        delegate*<float*, nint, float*, nint, int, void> weightGradient)
    {
        Input = input;
        Output = output;
        Weights = weights;
        OutputGradient = outputGradient;
        WeightGradient = weightGradient;
    }

    /// <inheritdoc cref="WinogradTiles.Input{TVector, TSimd, TLines}"/>
    public delegate*<float**, float*, nint, int, void> Input { get; }

    /// <inheritdoc cref="WinogradTiles.Output{TVector, TSimd, TLines}"/>
    public delegate*<float*, nint, float*, float, float**, int, void> Output { get; }

    /// <inheritdoc cref="WinogradTiles.Weights{TVector, TSimd, TLines}"/>
    public delegate*<float*, nint, float*, nint, int, void> Weights { get; }

    /// <inheritdoc cref="WinogradTiles.OutputGradient{TVector, TSimd, TLines}"/>
    public delegate*<float**, float*, nint, int, void> OutputGradient { get; }

    /// <inheritdoc cref="WinogradTiles.WeightGradient{TVector, TSimd, TLines}"/>
    public delegate*<float*, nint, float*, nint, int, void> WeightGradient { get; }

    /// <param name="bits">Of a vector.</param>
    /// <param name="kernel">Taps along one axis, 2 or 3.</param>
    public static WinogradSet Create(int bits, int kernel)
    {
        Builder builder = new(kernel);
        SimdWidth.Invoke(bits, ref builder);
        return builder.Result!;
    }

    private struct Builder(int kernel) : ISimdAction
    {
        public WinogradSet? Result { get; private set; }

        public void Invoke<TVector, TSimd>()
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            Result = kernel == 2 ? Of<TVector, TSimd, WinogradLines2>() : Of<TVector, TSimd, WinogradLines3>();

        private static WinogradSet Of<TVector, TSimd, TLines>()
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
            where TLines : struct, IWinogradLines =>
            new(
                &WinogradTiles.Input<TVector, TSimd, TLines>,
                &WinogradTiles.Output<TVector, TSimd, TLines>,
                &WinogradTiles.Weights<TVector, TSimd, TLines>,
                &WinogradTiles.OutputGradient<TVector, TSimd, TLines>,
                &WinogradTiles.WeightGradient<TVector, TSimd, TLines>);
    }
}
