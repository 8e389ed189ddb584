using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>The Winograd transforms of one vector width.</summary>
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

    /// <inheritdoc cref="WinogradTiles.Input{TVector, TSimd}"/>
    public delegate*<float**, float*, nint, int, void> Input { get; }

    /// <inheritdoc cref="WinogradTiles.Output{TVector, TSimd}"/>
    public delegate*<float*, nint, float*, float, float**, int, void> Output { get; }

    /// <inheritdoc cref="WinogradTiles.Weights{TVector, TSimd}"/>
    public delegate*<float*, nint, float*, nint, int, void> Weights { get; }

    /// <inheritdoc cref="WinogradTiles.OutputGradient{TVector, TSimd}"/>
    public delegate*<float**, float*, nint, int, void> OutputGradient { get; }

    /// <inheritdoc cref="WinogradTiles.WeightGradient{TVector, TSimd}"/>
    public delegate*<float*, nint, float*, nint, int, void> WeightGradient { get; }

    public static WinogradSet Create(int bits)
    {
        Builder builder = default;
        SimdWidth.Invoke(bits, ref builder);
        return builder.Result!;
    }

    private struct Builder : ISimdAction
    {
        public WinogradSet? Result { get; private set; }

        public void Invoke<TVector, TSimd>()
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            Result = new WinogradSet(
                &WinogradTiles.Input<TVector, TSimd>,
                &WinogradTiles.Output<TVector, TSimd>,
                &WinogradTiles.Weights<TVector, TSimd>,
                &WinogradTiles.OutputGradient<TVector, TSimd>,
                &WinogradTiles.WeightGradient<TVector, TSimd>);
    }
}
