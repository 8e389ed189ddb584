using Differential.Kernels.Convolution;

namespace Differential.Kernels.Tests.Convolution;

/// <summary>Rows of the convolutions' tables.</summary>
internal static class ConvolutionCases
{
    /// <summary>Each geometry and number of images with each width of vectors, in bits.</summary>
    public static TheoryData<Conv2dGeometry, int, int> AtEveryWidth(IEnumerable<(Conv2dGeometry Geometry, int Count)> shapes)
    {
        TheoryData<Conv2dGeometry, int, int> cases = [];
        foreach ((Conv2dGeometry geometry, int count) in shapes)
        {
            foreach (int bits in (int[])[512, 256, 128, 32])
            {
                cases.Add(geometry, count, bits);
            }
        }

        return cases;
    }
}
