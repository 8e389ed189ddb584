using System.Globalization;

namespace Differential.Core.Data;

/// <summary>Loads or makes the data of a job. The same options and seed give the same samples in the same order.</summary>
public static class DataLoader
{
    /// <summary>Most values of a data set that is made, so that a job can't ask for more memory than there is.</summary>
    private const long MaxMadeValues = 1L << 30;

    /// <param name="options">What to load.</param>
    /// <param name="baseFolder">What relative paths are relative to: the folder of the job file.</param>
    /// <param name="seed">The job's seed; decides what is made.</param>
    /// <param name="source">What messages about the options call them: the job file.</param>
    /// <exception cref="InputException">The options or the files are not right.</exception>
    public static DataSplits Load(DataOptions options, string baseFolder, long seed, string source = "job") =>
        Load(options, new PathPolicy(baseFolder), seed, source);

    /// <param name="options">What to load.</param>
    /// <param name="paths">Where the files may lie.</param>
    /// <param name="seed">The job's seed; decides what is made.</param>
    /// <param name="source">What messages about the options call them: the job file.</param>
    /// <exception cref="InputException">The options or the files are not right.</exception>
    public static DataSplits Load(DataOptions options, PathPolicy paths, long seed, string source = "job")
    {
        ArgumentNullException.ThrowIfNull(paths);
        return options switch
        {
            Cifar10Options cifar => new Cifar10Folder(paths.Resolve(cifar.Path, source, "$.data.path"), source).Load(cifar),
            PointsOptions points => Points(points, paths, source),
            ShapesOptions shapes => Shapes(shapes, seed, source),
            AffineOptions affine => Affine(affine, seed, source),
            _ => throw new ArgumentException($"No loader for {options?.GetType().Name}.", nameof(options)),
        };
    }

    private static DataSplits Points(PointsOptions options, PathPolicy paths, string source)
    {
        Dataset train = PointsFile.Read(paths.Resolve(options.Path, source, "$.data.path"), null, options.ClassCount);
        Dataset test = options.TestPath is null
            ? train
            : PointsFile.Read(paths.Resolve(options.TestPath, source, "$.data.testPath"), train.SampleShape.Length, options.ClassCount);
        return options.ClassCount == 2
            ? new DataSplits(train, test, "+1", "-1")
            : new DataSplits(train, test, [.. Enumerable.Range(0, options.ClassCount).Select(number => number.ToString(CultureInfo.InvariantCulture))]);
    }

    private static DataSplits Shapes(ShapesOptions options, long seed, string source)
    {
        CheckSize((long)options.Count * options.Size * options.Size * ShapesGenerator.Channels, source, "$.data.count");
        ShapesGenerator generator = new(options.Size, options.Noise, seed, options.ClassCount);
        return new DataSplits(generator.Make("train", options.Count), generator.Make("test", options.Count / 4), generator.Names);
    }

    /// <summary>The test split is the training points themselves: what is measured on them is the margin.</summary>
    private static DataSplits Affine(AffineOptions options, long seed, string source)
    {
        int dimension = options.Free + options.Constant;
        CheckSize(2L * options.Points * dimension, source, "$.data.points");
        LabeledPoints made = new AffineDataset(options.Free, options.Constant, options.Points, options.Center, options.Offset, seed).Generate();
        float[] features = new float[made.Points.Count * dimension];
        for (int i = 0; i < features.Length; i++)
        {
            features[i] = (float)made.Points[i / dimension][i % dimension];
        }

        Dataset points = Dataset.OfPoints(dimension, [.. made.Labels], features);
        return new DataSplits(points, points, "+1", "-1");
    }

    private static void CheckSize(long values, string source, string place)
    {
        if (values > MaxMadeValues)
        {
            throw new InputException(source, place, $"data of {values} values", $"at most {MaxMadeValues} values in all");
        }
    }
}
