using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

internal sealed unsafe class ElementGatherSimd(SimdDevice device) : ElementGather(device)
{
    protected override void GatherCore(Tensor<float> x, int sourceLength, Tensor<int> index, float fill, Tensor<float> y, int targetLength, int count)
    {
        int perChunk = RowChunks.RowsPerChunk(targetLength);
        device.For(RowChunks.Count(count, perChunk), new GatherChunk(SimdDevice.Pointer(x), sourceLength, SimdDevice.Pointer(index), fill, SimdDevice.Pointer(y), targetLength, count, perChunk));
    }

    protected override void ScatterCore(Tensor<float> x, int sourceLength, Tensor<int> index, Tensor<float> y, int targetLength, int count)
    {
        int perChunk = RowChunks.RowsPerChunk(sourceLength);
        device.For(RowChunks.Count(count, perChunk), new ScatterChunk(SimdDevice.Pointer(x), sourceLength, SimdDevice.Pointer(index), SimdDevice.Pointer(y), targetLength, count, perChunk));
    }

    protected override void SumCore(Tensor<float> x, int sourceLength, Tensor<int> starts, Tensor<int> members, Tensor<float> y, int targetLength, int count)
    {
        int perChunk = RowChunks.RowsPerChunk(targetLength);
        device.For(
            RowChunks.Count(count, perChunk),
            new SumChunk(SimdDevice.Pointer(x), sourceLength, SimdDevice.Pointer(starts), SimdDevice.Pointer(members), SimdDevice.Pointer(y), targetLength, count, perChunk));
    }

    private readonly struct GatherChunk(float* x, int sourceLength, int* index, float fill, float* y, int targetLength, int count, int perChunk) : IChunkBody
    {
        public void Run(int chunk)
        {
            int end = Math.Min((chunk + 1) * perChunk, count);
            for (int n = chunk * perChunk; n < end; n++)
            {
                float* source = x + ((nint)n * sourceLength);
                float* target = y + ((nint)n * targetLength);
                for (int i = 0; i < targetLength; i++)
                {
                    target[i] = index[i] < 0 ? fill : source[index[i]];
                }
            }
        }
    }

    private readonly struct ScatterChunk(float* x, int sourceLength, int* index, float* y, int targetLength, int count, int perChunk) : IChunkBody
    {
        public void Run(int chunk)
        {
            int end = Math.Min((chunk + 1) * perChunk, count);
            for (int n = chunk * perChunk; n < end; n++)
            {
                float* source = x + ((nint)n * sourceLength);
                float* target = y + ((nint)n * targetLength);
                for (int i = 0; i < sourceLength; i++)
                {
                    target[index[i]] = source[i];
                }
            }
        }
    }

    private readonly struct SumChunk(float* x, int sourceLength, int* starts, int* members, float* y, int targetLength, int count, int perChunk) : IChunkBody
    {
        public void Run(int chunk)
        {
            int end = Math.Min((chunk + 1) * perChunk, count);
            for (int n = chunk * perChunk; n < end; n++)
            {
                float* source = x + ((nint)n * sourceLength);
                float* target = y + ((nint)n * targetLength);
                for (int j = 0; j < targetLength; j++)
                {
                    float sum = 0;
                    for (int k = starts[j]; k < starts[j + 1]; k++)
                    {
                        sum += source[members[k]];
                    }

                    target[j] = sum;
                }
            }
        }
    }
}
