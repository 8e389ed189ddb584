namespace Differential.Kernels.Devices;

/// <summary>Splits rows into chunks of about equal work, in sizes that do not depend on the number of threads.</summary>
internal static class RowChunks
{
    private const int ElementsPerChunk = 16_384;

    public static int RowsPerChunk(int rowLength) => Math.Max(1, ElementsPerChunk / rowLength);

    public static int Count(int rows, int rowsPerChunk) => (int)(((long)rows + rowsPerChunk - 1) / rowsPerChunk);
}
