using System.Globalization;

namespace Differential.Core.Data;

/// <summary>Takes test samples from a set that has none of its own: of each class the same share, drawn by the seed.</summary>
internal static class TestShare
{
    /// <summary>The share where none is named.</summary>
    public const double Default = 0.2;

    /// <summary>Which records become test samples.</summary>
    /// <param name="labels">Of the records.</param>
    /// <param name="classes">Numbers of the chosen classes.</param>
    /// <param name="share">Of each class; at least one becomes a test sample and one stays. 0 takes none.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="place">What messages call the place of a class's records.</param>
    /// <exception cref="InputException">A class has one record alone.</exception>
    public static bool[] Draw(RecordLabels labels, int[] classes, double share, long seed, Func<int, string> place)
    {
        bool[] isTest = new bool[labels.Numbers.Length];
        foreach (int number in share > 0 ? classes : [])
        {
            int[] own = [.. Enumerable.Range(0, isTest.Length).Where(i => labels.Numbers[i] == number)];
            string name = labels.Names[number];
            if (own.Length < 2)
            {
                throw new InputException(
                    place(number),
                    string.Empty,
                    own.Length == 0 ? $"no sample of the class {name}" : $"one sample alone of the class {name}",
                    "two samples or more of each class, so that one can be a test sample, or \"testShare\": 0");
            }

            // By the class's name: whichever classes a job takes besides, its test samples are the same.
            new RandomStream(seed, string.Create(CultureInfo.InvariantCulture, $"test share {name}")).Shuffle(own.AsSpan());
            int taken = Math.Clamp((int)Math.Round(share * own.Length, MidpointRounding.AwayFromZero), 1, own.Length - 1);
            foreach (int i in own.AsSpan(0, taken))
            {
                isTest[i] = true;
            }
        }

        return isTest;
    }
}
