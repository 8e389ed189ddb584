using System.Globalization;

namespace Differential.Core.Data;

/// <summary>Takes test samples from a set that has none of its own: of each class the same share, drawn by the seed; the order stays.</summary>
internal static class TestShare
{
    /// <param name="images">All images.</param>
    /// <param name="count">Number of classes.</param>
    /// <param name="share">Of each class; at least one image becomes a test image and one stays, 0 takes none.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="folder">For messages.</param>
    /// <param name="names">Names of all classes.</param>
    /// <param name="classes">Numbers of the chosen ones.</param>
    /// <exception cref="InputException">A class has one image alone.</exception>
    public static (List<ImageEntry> Train, List<ImageEntry> Test) Split(
        List<ImageEntry> images, int count, double share, long seed, string folder, IReadOnlyList<string> names, int[] classes)
    {
        if (share == 0)
        {
            return (images, []);
        }

        bool[] isTest = new bool[images.Count];
        for (int side = 0; side < count; side++)
        {
            int number = classes[side];
            int[] own = [.. Enumerable.Range(0, images.Count).Where(i => images[i].Class == number)];
            if (own.Length < 2)
            {
                throw new InputException(
                    Path.Combine(folder, names[number]), string.Empty, "one image alone", "two images or more, so that one can be a test image, or testShare 0");
            }

            // By the class's name: whichever classes a job takes besides, its test images are the same.
            new RandomStream(seed, string.Create(CultureInfo.InvariantCulture, $"test share {names[number]}")).Shuffle(own.AsSpan());
            int taken = Math.Clamp((int)Math.Round(share * own.Length, MidpointRounding.AwayFromZero), 1, own.Length - 1);
            foreach (int i in own.AsSpan(0, taken))
            {
                isTest[i] = true;
            }
        }

        return ([.. images.Where((_, i) => !isTest[i])], [.. images.Where((_, i) => isTest[i])]);
    }
}
