using Differential.Kernels.Losses;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Losses;

public class ScoreSortTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(443)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(10_007)]
    public void Ascending_FiniteKeys_AreInOrderWithTheirIndices(int length)
    {
        float[] values = Numbers.Normal(4, length, 1e4);
        for (int i = 0; i < length; i += 3)
        {
            values[i] = i % 2 == 0 ? values[i / 2] : -0f;
        }

        float[] keys = [.. values];
        int[] indices = [.. Enumerable.Range(0, length)];
        ScoreSort.Ascending(keys, indices, new float[length], new int[length]);
        Assert.Equal(values.Order(), keys);
        Assert.Equal(indices.Select(i => values[i]), keys);
        Assert.Equal(Enumerable.Range(0, length), indices.Order());
    }
}
