using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Tests.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Batches;

public sealed class BatchAugmentationTests : IDisposable
{
    private readonly SimdDevice _device = new(threads: 1);
    private readonly Dataset _data = ToyData.Images(3, 3).Train;

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 2)]
    public void Load_EachImage_IsOneOfItsMirroredAndShiftedForms(bool flip, int crop)
    {
        float[] batch = Load(new AugmentationOptions { Flip = flip, Crop = crop }, 5);
        var seen = new HashSet<(bool, int, int)>();
        for (int i = 0; i < 6; i++)
        {
            bool found = false;
            foreach (bool mirror in flip ? new[] { false, true } : [false])
            {
                for (int shift = 0; shift < ((2 * crop) + 1) * ((2 * crop) + 1); shift++)
                {
                    (int down, int right) = ((shift / ((2 * crop) + 1)) - crop, (shift % ((2 * crop) + 1)) - crop);
                    if (Enumerable.Range(0, 64).All(k => batch[(i * 64) + k] == Pixel(i, mirror, (k / 8) - down, (k % 8) - right)))
                    {
                        found = true;
                        seen.Add((mirror, down, right));
                    }
                }
            }

            Assert.True(found, $"image {i}");
        }

        Assert.True(seen.Count > (flip ? 1 : 0));
    }

    [Fact]
    public void Load_AnotherStep_ChangesOtherwise()
    {
        var options = new AugmentationOptions { Flip = true, Crop = 2 };
        Assert.Equal(Load(options, 5), Load(options, 5));
        Assert.NotEqual(Load(options, 5), Load(options, 6));
    }

    [Fact]
    public void Create_OfPoints_Throws() =>
        Assert.Throws<ArgumentException>(() => new BatchAugmentation(ToyData.Points(4).Train, new AugmentationOptions(), 1));

    public void Dispose() => _device.Dispose();

    private float Pixel(int image, bool mirror, int row, int column) =>
        row is < 0 or > 7 || column < 0 || column > 7 ? 0 : Shifted(image, row, mirror, column);

    /// <summary>The shift comes after the mirroring of the columns it counts in.</summary>
    private float Shifted(int image, int row, bool mirror, int column) =>
        _data.Pixels![(image * 64) + (row * 8) + (mirror ? 7 - column : column)] / 255f;

    private float[] Load(AugmentationOptions options, long step)
    {
        using var feeder = new BatchFeeder(_device, _data, new BatchAugmentation(_data, options, seed: 1), 6);
        using Tensor<float> batch = _device.Allocate(new Shape(6, 8, 8, 1));
        feeder.Load([0, 1, 2, 3, 4, 5], step, batch);
        return batch.ToArray();
    }
}
