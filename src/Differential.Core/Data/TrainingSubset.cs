using System.Globalization;

namespace Differential.Core.Data;

/// <summary>
/// What is done with the training samples of any kind of data once they are loaded: some are held out, then the classes are made as uneven
/// as the job asks. Which samples are taken the seed decides; they stay in their order. The test samples are not touched.
/// </summary>
internal static class TrainingSubset
{
    /// <summary>Holds out a share of each class, rounded, at least one sample and not all.</summary>
    /// <exception cref="InputException">A class has only one sample.</exception>
    public static DataSplits HoldOut(DataSplits splits, double share, long seed, string source)
    {
        int[][] classes = ByClass(splits.Train);
        var held = new List<int>();
        for (int number = 0; number < classes.Length; number++)
        {
            int count = classes[number].Length;
            if (count < 2)
            {
                throw new InputException(source, $"{DataOptions.Place}.validation", $"{count} samples of the class {splits.Names[number]}", "at least 2 of each class, so that one can be held out");
            }

            int taken = Math.Clamp((int)Math.Round(share * count, MidpointRounding.AwayFromZero), 1, count - 1);
            held.AddRange(Chosen(classes[number], taken, seed, "validation", number));
        }

        HashSet<int> without = [.. held];
        Dataset validation = splits.Train.Select([.. held.Order()]);
        return With(splits, [.. Enumerable.Range(0, splits.Train.Count).Where(sample => !without.Contains(sample))]) with { Validation = validation };
    }

    /// <summary>Leaves of the classes named as many training samples as asked for.</summary>
    /// <exception cref="InputException">There is no such class, or it has fewer samples.</exception>
    public static DataSplits Keep(DataSplits splits, ClassCounts counts, long seed, string source)
    {
        int[][] classes = ByClass(splits.Train);
        int[] kept = [.. classes.Select(static samples => samples.Length)];
        foreach ((string name, int count) in counts.Items)
        {
            string place = $"{DataOptions.Place}.classCounts";
            int number = Enumerable.Range(0, splits.Names.Count).FirstOrDefault(i => string.Equals(splits.Names[i], name, StringComparison.OrdinalIgnoreCase), -1);
            if (number < 0)
            {
                throw new InputException(source, place, $"the class '{name}'", string.Join(", ", splits.Names));
            }

            if (count > classes[number].Length)
            {
                throw new InputException(
                    source, $"{place}.{name}", string.Create(CultureInfo.InvariantCulture, $"{count} training samples"), string.Create(CultureInfo.InvariantCulture, $"at most {classes[number].Length}, which there are"));
            }

            kept[number] = count;
        }

        return Keep(splits, classes, kept, seed);
    }

    /// <summary>
    /// Makes the first class the largest and the last the smallest, in the ratio asked for; those between fall geometrically (as long-tailed
    /// sets do: Cao et al. 2019). As many samples stay as the classes allow.
    /// </summary>
    public static DataSplits Keep(DataSplits splits, double imbalance, long seed)
    {
        int[][] classes = ByClass(splits.Train);
        double[] shares = [.. Enumerable.Range(0, classes.Length).Select(number => Math.Pow(imbalance, -number / (double)(classes.Length - 1)))];
        double most = Enumerable.Range(0, classes.Length).Min(number => classes[number].Length / shares[number]);
        int[] kept = [.. Enumerable.Range(0, classes.Length).Select(number =>
            Math.Clamp((int)Math.Round(most * shares[number], MidpointRounding.AwayFromZero), 1, classes[number].Length))];
        return Keep(splits, classes, kept, seed);
    }

    private static DataSplits Keep(DataSplits splits, int[][] classes, int[] kept, long seed) =>
        With(splits, [.. classes.SelectMany((samples, number) => Chosen(samples, kept[number], seed, "class counts", number)).Order()]);

    private static IEnumerable<int> Chosen(int[] samples, int count, long seed, string use, int number)
    {
        int[] order = [.. samples];
        new RandomStream(seed, use, number).Shuffle<int>(order);
        return order.Take(count);
    }

    private static DataSplits With(DataSplits splits, IReadOnlyList<int> samples)
    {
        Dataset train = splits.Train.Select(samples);
        return splits with { Train = train, Test = splits.HasTest ? splits.Test : train };
    }

    private static int[][] ByClass(Dataset data) =>
        [.. Enumerable.Range(0, data.Classes).Select(number => Enumerable.Range(0, data.Count).Where(i => data.ClassOf(i) == number).ToArray())];
}
