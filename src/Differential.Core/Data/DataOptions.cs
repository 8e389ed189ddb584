using System.Text.Json.Serialization;

namespace Differential.Core.Data;

/// <summary>
/// The data of a job: samples of two classes or more, a training and a test set. A kind is one record: its fields, its rules and how
/// it is loaded or made.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Cifar10Options), "cifar10")]
[JsonDerivedType(typeof(ImagesOptions), "images")]
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

    /// <summary>2: labels are +1 and −1, and networks have one score. Above: labels are the classes' numbers from 0, and networks have a score for each class.</summary>
    [JsonIgnore]
    public virtual int ClassCount => 2;

    /// <summary>Whether samples are images, scaled to [0, 1]; else points, without bounds.</summary>
    [JsonIgnore]
    public abstract bool IsImages { get; }

    /// <summary>The names of the fields that hold paths, given or not.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<string> PathFields => [];

    /// <summary>The same data with each path that is given replaced by <paramref name="map"/>(JSON path of the field, path).</summary>
    public virtual DataOptions MapPaths(Func<string, string, string> map) => this;

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

    /// <summary>Refuses to make more values than memory is likely to hold.</summary>
    private protected static void CheckSize(long values, string source, string field)
    {
        if (values > MaxMadeValues)
        {
            throw new InputException(source, $"{Place}.{field}", $"data of {values} values", $"at most {MaxMadeValues} values in all");
        }
    }
}
