using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

/// <summary>
/// The data of a job: samples of two classes or more, a training and a test set. A kind is one record: its fields, its rules and how
/// it is loaded or made.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Cifar10Options), "cifar10")]
[JsonDerivedType(typeof(Cifar100Options), "cifar100")]
[JsonDerivedType(typeof(ImagesOptions), "images")]
[JsonDerivedType(typeof(IdxOptions), "idx")]
[JsonDerivedType(typeof(NumpyOptions), "numpy")]
[JsonDerivedType(typeof(ParquetOptions), "parquet")]
[JsonDerivedType(typeof(ShapesOptions), "shapes")]
[JsonDerivedType(typeof(AffineOptions), "affine")]
[JsonDerivedType(typeof(PointsOptions), "points")]
public abstract record DataOptions
{
    /// <summary>Most classes of a data set.</summary>
    public const int MaxClasses = 100;

    /// <summary>Where a job file has its data.</summary>
    public const string Place = "$.data";

    /// <summary>Most values of a data set that is made, so that a job can't ask for more memory than there is.</summary>
    private const long MaxMadeValues = 1L << 30;

    [Description("How many training samples the classes named keep: { \"horse\": 125 }; the others keep all. The seed decides which. Test and held-out samples are not touched.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClassCounts? ClassCounts { get; init; }

    [Description("The largest class of the training set over its smallest, in place of classCounts: the first class (of two the positive one) stays as large as the others allow, the last one becomes this many times smaller, those between fall geometrically. The seed decides which samples stay. Test and held-out samples are not touched.")]
    [Range(1.0, 1e6)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Imbalance { get; init; }

    [Description("Samples that are held out from training, to choose thresholds, epochs and settings by: a share of each class of the training samples, which the seed chooses before classCounts and imbalance; or a path, which is read as path is.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HeldOut? Validation { get; init; }

    /// <summary>2: labels are +1 and −1, and networks have one score. Above: labels are the classes' numbers from 0, and networks have a score for each class.</summary>
    [JsonIgnore]
    public virtual int ClassCount => 2;

    /// <summary>Whether samples are images, scaled to [0, 1]; else points, without bounds.</summary>
    [JsonIgnore]
    public abstract bool IsImages { get; }

    /// <summary>The box that inputs lie in, where the options say so; images lie in [0, 1].</summary>
    internal virtual (double Low, double High)? Box => IsImages ? (0, 1) : null;

    /// <summary>The names of the fields that hold paths, given or not.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<string> PathFields => [];

    /// <summary>The same with those of fields that every kind has.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> AllPathFields => PathFields.Contains("path") ? [.. PathFields, "validation"] : PathFields;

    /// <summary>The same data of which no share becomes test samples.</summary>
    internal virtual DataOptions WithoutTestShare() => this;

    /// <summary>The same data with each path that is given replaced by <paramref name="map"/>(JSON path of the field, path).</summary>
    public virtual DataOptions MapPaths(Func<string, string, string> map) => this;

    /// <summary>The same for all paths: those of the kind, and that of held-out samples.</summary>
    public DataOptions MapAllPaths(Func<string, string, string> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        DataOptions mapped = MapPaths(map);
        return Validation?.Path is { } path ? mapped with { Validation = new HeldOut(map($"{Place}.validation", path)) } : mapped;
    }

    /// <summary>The kind's broken rules, and those of the fields that every kind has.</summary>
    public void CheckAll(InputMistakes mistakes)
    {
        ArgumentNullException.ThrowIfNull(mistakes);
        Check(mistakes);
        if (ClassCounts is not null && Imbalance is not null)
        {
            mistakes.Add($"{Place}.imbalance", "imbalance beside classCounts", "one of classCounts, imbalance");
        }

        if (Validation?.Path is not null && !PathFields.Contains("path"))
        {
            mistakes.Add($"{Place}.validation", "a path, for data that are made", "a share above 0 and below 1");
        }
    }

    /// <summary>The first of the files and folders that is not there, with the JSON path of its field; null where all are. Paths are absolute.</summary>
    public (string Field, string Path)? FirstMissing()
    {
        (string, string)? missing = null;
        MapAllPaths((field, path) =>
        {
            missing ??= File.Exists(path) || Directory.Exists(path) ? null : (field, path);
            return path;
        });
        return missing;
    }

    /// <summary>Where the files can be had; null where the job does not say.</summary>
    [JsonIgnore]
    public virtual string? AvailableFrom => null;

    /// <summary>Adds the rules between the fields that are broken; opens no file.</summary>
    public virtual void Check(InputMistakes mistakes)
    {
    }

    /// <summary>The least memory that the samples take, in bytes, and the field that decides it.</summary>
    public abstract (string Field, Int128 Bytes) LeastMemory();

    /// <summary>Loads or makes the samples. The same options and seed give the same samples in the same order.</summary>
    /// <param name="paths">Where the files may lie.</param>
    /// <param name="seed">The job's seed; decides what is made.</param>
    /// <param name="source">What messages about the options call them: the job file.</param>
    /// <exception cref="InputException">The options or the files are not right.</exception>
    public abstract DataSplits Load(PathPolicy paths, long seed, string source = "job");

    /// <summary>
    /// Loads the samples, holds out those of <see cref="Validation"/>, and leaves of the rest what <see cref="ClassCounts"/> or
    /// <see cref="Imbalance"/> ask for.
    /// </summary>
    /// <param name="paths">Where the files may lie.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="source">What messages about the options call them: the job file.</param>
    /// <exception cref="InputException">The options or the files are not right.</exception>
    public DataSplits LoadAll(PathPolicy paths, long seed, string source = "job")
    {
        DataSplits splits = Load(paths, seed, source);
        splits = Validation switch
        {
            { Path: { } path } => splits with { Validation = LoadHeldOut(path, splits, paths, seed, source) },
            { Share: double share } => TrainingSubset.HoldOut(splits, share, seed, source),
            _ => splits,
        };
        return (ClassCounts, Imbalance) switch
        {
            ({ } counts, _) => TrainingSubset.Keep(splits, counts, seed, source),
            (_, double imbalance) => TrainingSubset.Keep(splits, imbalance, seed),
            _ => splits,
        };
    }

    /// <summary>The same with paths that are relative to a folder.</summary>
    /// <param name="baseFolder">The folder.</param>
    /// <param name="seed">The job's seed; decides what is made.</param>
    /// <param name="source">What messages about the options call them: the job file.</param>
    /// <exception cref="InputException">The options or the files are not right.</exception>
    public DataSplits Load(string baseFolder, long seed, string source = "job") => Load(new PathPolicy(baseFolder), seed, source);

    /// <summary>The training points in double precision, where they are made in it.</summary>
    /// <param name="paths">Where the files may lie.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="source">What messages about the options call them: the job file.</param>
    /// <exception cref="InputException">The options or the files are not right.</exception>
    public virtual LabeledPoints LoadPoints(PathPolicy paths, long seed, string source)
    {
        Dataset train = Load(paths, seed, source).Train;
        int dimension = train.SampleShape.Length;
        var points = new double[train.Count][];
        for (int i = 0; i < points.Length; i++)
        {
            points[i] = [.. train.Features!.Skip(i * dimension).Take(dimension).Select(v => (double)v)];
        }

        return new LabeledPoints(points, [.. train.Labels]);
    }

    private Dataset LoadHeldOut(string path, DataSplits splits, PathPolicy paths, long seed, string source)
    {
        DataOptions other = MapPaths((place, own) => place == $"{Place}.path" ? path : own);
        Dataset held = other.WithoutTestShare().Load(paths, seed, source).Train;
        return held.SampleShape.Equals(splits.Train.SampleShape)
            ? held
            : throw new InputException(source, $"{Place}.validation", $"samples of shape {held.SampleShape}", $"{splits.Train.SampleShape}, as the training samples have");
    }

    /// <summary>Refuses to make more values than memory is likely to hold.</summary>
    private protected static void CheckSize(long values, string source, string field)
    {
        if (values > MaxMadeValues)
        {
            throw new InputException(source, $"{Place}.{field}", $"data of {values} values", $"at most {MaxMadeValues} values in all");
        }
    }
}
