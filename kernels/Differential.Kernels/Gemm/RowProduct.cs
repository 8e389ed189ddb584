using Differential.Kernels.Devices;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Gemm;

/// <summary>
/// y = x·Wᵀ + b by dot products along the common dimension. A chunk is a block of rows and outputs whose operands
/// fit into the second-level cache.
/// </summary>
internal readonly unsafe struct RowProduct(TileSet tiles, float* x, float* weight, float* bias, bool relu, float* y, int rows, int inputs, int outputs)
    : IChunkBody
{
    private const int BlockRows = 32;
    private const int BlockOutputs = 16;
    private const int BlockInputs = SimdSums.BlockInputs;

    public int Chunks => RowBlocks * ((outputs + BlockOutputs - 1) / BlockOutputs);

    private int RowBlocks => (rows + BlockRows - 1) / BlockRows;

    public void Run(int chunk)
    {
        int row = chunk % RowBlocks * BlockRows;
        int output = chunk / RowBlocks * BlockOutputs;
        int height = Math.Min(BlockRows, rows - row);
        int width = Math.Min(BlockOutputs, outputs - output);
        float* block = y + ((nint)row * outputs) + output;
        for (int i = 0; i < height; i++)
        {
            Span<float> line = new(block + ((nint)i * outputs), width);
            if (bias is null)
            {
                line.Clear();
            }
            else
            {
                new ReadOnlySpan<float>(bias + output, width).CopyTo(line);
            }
        }

        for (int input = 0; input < inputs; input += BlockInputs)
        {
            for (int j = 0; j < width; j += tiles.DotColumns)
            {
                DotOperands operands = new()
                {
                    Left = x + ((nint)row * inputs) + input,
                    LeftStride = inputs,
                    Right = weight + ((nint)(output + j) * inputs) + input,
                    RightStride = inputs,
                    Steps = Math.Min(BlockInputs, inputs - input),
                    Output = block + j,
                    OutputStride = outputs,
                };
                tiles.Dot(operands, height, Math.Min(tiles.DotColumns, width - j));
            }
        }

        if (relu)
        {
            for (int i = 0; i < height; i++)
            {
                float* line = block + ((nint)i * outputs);
                for (int j = 0; j < width; j++)
                {
                    // Written so that NaN stays.
                    line[j] = line[j] < 0 ? 0 : line[j];
                }
            }
        }
    }
}
