using Differential.Core.Data;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Data;

public class DatasetTests
{
    private static Dataset Images { get; } = Dataset.OfImages(new Shape(1, 2, 3), [1, -1, 1], [0, 51, 255, 102, 51, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

    [Fact]
    public void Sample_OfImages_IsScaledToOne()
    {
        float[] sample = new float[6];
        Images.Sample(0, sample);
        Assert.Equal([0f, 0.2f, 1f, 0.4f, 0.2f, 1f], sample);
        Assert.Throws<ArgumentOutOfRangeException>(() => Images.Sample(3, sample));
        Assert.Throws<ArgumentOutOfRangeException>(() => Images.Sample(-1, sample));
        Assert.Throws<ArgumentOutOfRangeException>(() => Images.Sample(0, sample.AsSpan(1)));
    }

    [Fact]
    public void Select_CopiesSamplesAndLabels()
    {
        Dataset picked = Images.Select([2, 0]);
        Assert.Equal([1, 1], picked.Labels.Select(label => (int)label));
        Assert.Equal([7, 8, 9, 10, 11, 12, 0, 51, 255, 102, 51, 255], picked.Pixels!);
        Assert.Equal([3f, 2], Dataset.OfPoints(2, [1, -1], [1, -4, 3, 2]).Select([1]).Features!);
    }
}
