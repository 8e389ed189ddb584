using Differential.Kernels.Devices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Normalization;

/// <summary>
/// Vectors run over the channels. Sums go over blocks of rows whose number does not depend on the threads; the blocks are added in their order, in
/// double precision.
/// </summary>
internal sealed unsafe class BatchNormSimd(SimdDevice device, BatchNormGeometry geometry) : BatchNorm(device, geometry)
{
    private interface IChannelBody
    {
        /// <summary>Works on as many channels as there are lanes, of one row or block of rows.</summary>
        void At<TVector, TSimd>(int part, int channel)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>;
    }

    protected override void SumsCore(Tensor<float> a, Tensor<float> centerA, Tensor<float> b, Tensor<float> centerB, float factor, int rows)
    {
        int channels = Geometry.Channels;
        int blocks = Blocks(rows);
        float* partials = SimdDevice.Pointer(Partials);
        Channels(blocks, 1, new SumsBody(
            SimdDevice.Pointer(a), SimdDevice.Pointer(centerA), SimdDevice.Pointer(b), SimdDevice.Pointer(centerB), partials, channels, rows, RowsPerBlock(rows)));
        float* sums = SimdDevice.Pointer(Sums);
        for (int i = 0; i < 2 * channels; i++)
        {
            double sum = 0;
            for (int block = 0; block < blocks; block++)
            {
                sum += partials[((nint)block * 2 * channels) + i];
            }

            sums[i] = (float)(sum * factor);
        }
    }

    protected override void FinishCore(BatchNormValues values, int rows)
    {
        float* mean = SimdDevice.Pointer(Mean);
        float* inverse = SimdDevice.Pointer(Inverse);
        float* sums = SimdDevice.Pointer(Sums);
        float* runningMean = SimdDevice.Pointer(values.RunningMean);
        float* runningVariance = SimdDevice.Pointer(values.RunningVariance);
        for (int c = 0; c < Geometry.Channels; c++)
        {
            float variance = BatchNormOperator.Variance(sums[c], sums[Geometry.Channels + c]);
            mean[c] += sums[c];
            inverse[c] = BatchNormOperator.Inverse(variance, Geometry.Epsilon);
            runningMean[c] = BatchNormOperator.Moved(runningMean[c], mean[c], Geometry.Momentum);
            runningVariance[c] = BatchNormOperator.Moved(runningVariance[c], variance * BatchNormOperator.Unbiased(rows), Geometry.Momentum);
        }
    }

    protected override void TakeRunningCore(BatchNormValues values)
    {
        Mean.CopyFrom(values.RunningMean, Geometry.Channels);
        float* inverse = SimdDevice.Pointer(Inverse);
        float* runningVariance = SimdDevice.Pointer(values.RunningVariance);
        for (int c = 0; c < Geometry.Channels; c++)
        {
            inverse[c] = BatchNormOperator.Inverse(runningVariance[c], Geometry.Epsilon);
        }
    }

    protected override void NormalizeCore(Tensor<float> x, BatchNormValues values, Tensor<float> y, int rows, float floor) =>
        Channels(rows, RowChunks.RowsPerChunk(Geometry.Channels), new NormalizeBody(
            SimdDevice.Pointer(x), SimdDevice.Pointer(Mean), SimdDevice.Pointer(Inverse), SimdDevice.Pointer(values.Weight), SimdDevice.Pointer(values.Bias), SimdDevice.Pointer(y), Geometry.Channels, floor));

    protected override void ParametersCore(Tensor<float> dWeight, Tensor<float> dBias)
    {
        float* sums = SimdDevice.Pointer(Sums);
        float* inverse = SimdDevice.Pointer(Inverse);
        for (int c = 0; c < Geometry.Channels; c++)
        {
            SimdDevice.Pointer(dBias)[c] = sums[c];
            SimdDevice.Pointer(dWeight)[c] = sums[Geometry.Channels + c] * inverse[c];
        }
    }

    protected override void BackwardInputCore(Tensor<float> x, Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int rows, float share) =>
        Channels(rows, RowChunks.RowsPerChunk(Geometry.Channels), new BackwardBody(
            SimdDevice.Pointer(x), SimdDevice.Pointer(dy), SimdDevice.Pointer(Mean), SimdDevice.Pointer(Inverse), SimdDevice.Pointer(weight), SimdDevice.Pointer(Sums), SimdDevice.Pointer(dx), Geometry.Channels, share));

    protected override void FoldCore(Tensor<float> weight, Tensor<float> bias, BatchNormValues values, Tensor<float> foldedWeight, Tensor<float> foldedBias)
    {
        int row = weight.Length / Geometry.Channels;
        for (int c = 0; c < Geometry.Channels; c++)
        {
            float scale = SimdDevice.Pointer(Inverse)[c] * SimdDevice.Pointer(values.Weight)[c];
            SimdDevice.Pointer(foldedBias)[c] = ((SimdDevice.Pointer(bias)[c] - SimdDevice.Pointer(Mean)[c]) * scale) + SimdDevice.Pointer(values.Bias)[c];
            float* from = SimdDevice.Pointer(weight) + ((nint)c * row);
            float* to = SimdDevice.Pointer(foldedWeight) + ((nint)c * row);
            for (int i = 0; i < row; i++)
            {
                to[i] = from[i] * scale;
            }
        }
    }

    /// <summary>All channels of each part: rows, or blocks of them.</summary>
    private void Channels<TBody>(int parts, int partsPerChunk, TBody body)
        where TBody : struct, IChannelBody
    {
        var action = new ChannelAction<TBody>(device, Geometry.Channels, parts, partsPerChunk, body);
        SimdWidth.Invoke(device.VectorBits, ref action);
    }

    private readonly struct ChannelAction<TBody>(SimdDevice device, int channels, int parts, int partsPerChunk, TBody body) : ISimdAction
        where TBody : struct, IChannelBody
    {
        public void Invoke<TVector, TSimd>()
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector> =>
            device.For(RowChunks.Count(parts, partsPerChunk), new Chunk<TBody, TVector, TSimd>(channels, parts, partsPerChunk, body));
    }

    private readonly struct Chunk<TBody, TVector, TSimd>(int channels, int parts, int partsPerChunk, TBody body) : IChunkBody
        where TBody : struct, IChannelBody
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        public void Run(int chunk)
        {
            int end = Math.Min(partsPerChunk, parts - (chunk * partsPerChunk)) + (chunk * partsPerChunk);
            for (int part = chunk * partsPerChunk; part < end; part++)
            {
                int channel = 0;
                for (; channel <= channels - TSimd.Length; channel += TSimd.Length)
                {
                    body.At<TVector, TSimd>(part, channel);
                }

                for (; channel < channels; channel++)
                {
                    body.At<float, SimdScalar>(part, channel);
                }
            }
        }
    }

    private readonly struct SumsBody(float* a, float* centerA, float* b, float* centerB, float* partials, int channels, int rows, int rowsPerBlock) : IChannelBody
    {
        public void At<TVector, TSimd>(int part, int channel)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
        {
            int end = Math.Min(rowsPerBlock, rows - (part * rowsPerBlock)) + (part * rowsPerBlock);
            TVector firstCenter = TSimd.Load(centerA + channel);
            TVector secondCenter = TSimd.Load(centerB + channel);
            TVector sum = TSimd.Broadcast(0);
            TVector product = TSimd.Broadcast(0);
            for (int row = part * rowsPerBlock; row < end; row++)
            {
                nint index = ((nint)row * channels) + channel;
                TVector first = TSimd.Subtract(TSimd.Load(a + index), firstCenter);
                sum = TSimd.Add(sum, first);
                product = TSimd.MultiplyAdd(first, TSimd.Subtract(TSimd.Load(b + index), secondCenter), product);
            }

            float* target = partials + ((nint)part * 2 * channels) + channel;
            TSimd.Store(sum, target);
            TSimd.Store(product, target + channels);
        }
    }

    private readonly struct NormalizeBody(float* x, float* mean, float* inverse, float* weight, float* bias, float* y, int channels, float floor) : IChannelBody
    {
        public void At<TVector, TSimd>(int part, int channel)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
        {
            nint index = ((nint)part * channels) + channel;
            TVector value = BatchNormOperator.Normalize<TVector, TSimd>(
                TSimd.Load(x + index), TSimd.Load(mean + channel), TSimd.Load(inverse + channel), TSimd.Load(weight + channel), TSimd.Load(bias + channel), TSimd.Broadcast(floor));
            TSimd.Store(value, y + index);
        }
    }

    private readonly struct BackwardBody(float* x, float* dy, float* mean, float* inverse, float* weight, float* sums, float* dx, int channels, float share) : IChannelBody
    {
        public void At<TVector, TSimd>(int part, int channel)
            where TVector : unmanaged
            where TSimd : struct, ISimd<TVector>
        {
            nint index = ((nint)part * channels) + channel;
            TVector value = BatchNormOperator.BackwardInput<TVector, TSimd>(
                TSimd.Load(x + index),
                TSimd.Load(dy + index),
                TSimd.Load(mean + channel),
                TSimd.Load(inverse + channel),
                TSimd.Load(weight + channel),
                TSimd.Load(sums + channel),
                TSimd.Load(sums + channels + channel),
                TSimd.Broadcast(share));
            TSimd.Store(value, dx + index);
        }
    }
}
