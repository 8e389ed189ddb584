using Differential.Kernels.Simd;

namespace Differential.Core.Tests.Certificates;

/// <summary>float32 in the orders of the SIMD device (<see cref="SimdSums"/>): vectors of one of the widths, fused multiply-adds or none, lanes added in some order.</summary>
internal sealed class DeviceNumbers(RandomStream random) : ReferenceNumbers<float>
{
    private readonly int _lanes = SimdSums.Lanes[random.NextInt32(SimdSums.Lanes.Length)];
    private readonly bool _fused = random.NextInt32(2) == 0;

    public override float Of(double value) => (float)value;

    public override float Sum(IReadOnlyList<(float Factor, float Value)> products, IReadOnlyList<float> terms) =>
        products.Aggregate(terms.Count > 0 ? terms[0] : 0, Add);

    public override float SumOfRow(IReadOnlyList<(float Factor, float Value)> products, IReadOnlyList<float> terms)
    {
        float output = terms.Count > 0 ? terms[0] : 0;
        foreach ((float Factor, float Value)[] block in products.Chunk(SimdSums.BlockInputs))
        {
            var lanes = new float[_lanes];
            int whole = block.Length / _lanes * _lanes;
            for (int i = 0; i < whole; i++)
            {
                lanes[i % _lanes] = Add(lanes[i % _lanes], block[i]);
            }

            random.Shuffle<float>(lanes);
            float sum = random.NextInt32(2) == 0 ? lanes.Aggregate(static (a, b) => a + b) : Tree(lanes);
            output += block[whole..].Aggregate(sum, Add);
        }

        return output;
    }

    public override float Subtract(float a, float b) => a - b;

    public override float Multiply(float a, float b) => a * b;

    public override float Mean(IReadOnlyList<float> values) => values.Aggregate(static (a, b) => a + b) * (1f / values.Count);

    public override bool IsLess(float a, float b) => a < b;

    private float Add(float sum, (float Factor, float Value) product) =>
        _fused ? MathF.FusedMultiplyAdd(product.Factor, product.Value, sum) : sum + (product.Factor * product.Value);

    private static float Tree(ReadOnlySpan<float> values) => values.Length == 1 ? values[0] : Tree(values[..(values.Length / 2)]) + Tree(values[(values.Length / 2)..]);
}
