namespace Differential.Core.Data;

/// <summary>Decodes images on all cores, some at a time, and hands them on in their order.</summary>
internal static class OrderedDecoding
{
    private const int AtOnce = 128;

    /// <param name="count">How many.</param>
    /// <param name="decode">The pixels of one; on any thread.</param>
    /// <param name="take">Told of each in its order.</param>
    /// <exception cref="InputException">An image is broken; of several the first.</exception>
    public static void ForEach(int count, Func<int, byte[]> decode, Action<int, byte[]> take)
    {
        var block = new byte[Math.Min(AtOnce, count)][];
        var mistakes = new InputException?[block.Length];
        for (int start = 0; start < count; start += block.Length)
        {
            int images = Math.Min(block.Length, count - start);
            Parallel.For(0, images, i =>
            {
                try
                {
                    mistakes[i] = null;
                    block[i] = decode(start + i);
                }
                catch (InputException mistake)
                {
                    mistakes[i] = mistake;
                }
            });
            for (int i = 0; i < images; i++)
            {
                if (mistakes[i] is { } mistake)
                {
                    throw mistake;
                }

                take(start + i, block[i]);
            }
        }
    }
}
