using Differential.Kernels.Simd;

namespace Differential.Core.Tests.Certificates;

/// <summary>float32 in the orders of the SIMD device (<see cref="SimdSums"/>): vectors of one of the widths, fused multiply-adds or none, lanes added in some order.</summary>
internal sealed class DeviceNumbers(RandomStream random) : ReferenceNumbers<float>
{
    private readonly int _lanes = SimdSums.Lanes[random.NextInt32(SimdSums.Lanes.Length)];
    private readonly bool _fused = random.NextInt32(2) == 0;

    public override float Of(double value) => (float)value;

    public override float Sum(ReadOnlySpan<float> factors, ReadOnlySpan<float> values, ReadOnlySpan<float> terms) => Chain(terms.Length > 0 ? terms[0] : 0, factors, values);

    public override float SumOfRow(ReadOnlySpan<float> factors, ReadOnlySpan<float> values, ReadOnlySpan<float> terms)
    {
        float output = terms.Length > 0 ? terms[0] : 0;
        Span<float> all = stackalloc float[SimdSums.Lanes[^1]];
        Span<float> lanes = all[.._lanes];
        for (int start = 0; start < factors.Length; start += SimdSums.BlockInputs)
        {
            int end = Math.Min(factors.Length, start + SimdSums.BlockInputs);
            int whole = start + ((end - start) / _lanes * _lanes);
            lanes.Clear();
            for (int i = start; i < whole; i++)
            {
                ref float lane = ref lanes[(i - start) % _lanes];
                lane = Add(lane, factors[i], values[i]);
            }

            random.Shuffle(lanes);
            float sum = random.NextInt32(2) == 0 ? InTurn(lanes) : Tree(lanes);
            output += Chain(sum, factors[whole..end], values[whole..end]);
        }

        return output;
    }

    public override float Subtract(float a, float b) => a - b;

    public override float Multiply(float a, float b) => a * b;

    public override float Mean(ReadOnlySpan<float> values) => InTurn(values) * (1f / values.Length);

    public override bool IsLess(float a, float b) => a < b;

    private float Add(float sum, float factor, float value) => _fused ? MathF.FusedMultiplyAdd(factor, value, sum) : sum + (factor * value);

    private float Chain(float sum, ReadOnlySpan<float> factors, ReadOnlySpan<float> values)
    {
        for (int i = 0; i < factors.Length; i++)
        {
            sum = Add(sum, factors[i], values[i]);
        }

        return sum;
    }

    private static float InTurn(ReadOnlySpan<float> values)
    {
        float sum = values[0];
        foreach (float value in values[1..])
        {
            sum += value;
        }

        return sum;
    }

    private static float Tree(ReadOnlySpan<float> values) => values.Length == 1 ? values[0] : Tree(values[..(values.Length / 2)]) + Tree(values[(values.Length / 2)..]);
}
