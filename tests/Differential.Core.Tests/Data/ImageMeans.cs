using Differential.Core.Data;

namespace Differential.Core.Tests.Data;

internal static class ImageMeans
{
    /// <summary>The mean of each of the three channels over all pixels, in the [0, 1] scale.</summary>
    public static double[] ChannelMeans(this Dataset images) =>
        [.. Enumerable.Range(0, 3).Select(channel => images.Pixels!.Where((_, i) => i % 3 == channel).Average(pixel => pixel / 255.0))];
}
