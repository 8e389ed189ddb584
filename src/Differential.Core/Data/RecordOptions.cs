using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

/// <summary>Files of records that may lack test records of their own.</summary>
public abstract record RecordOptions : ClassifiedOptions
{
    [Description("Where the files hold no test records: the share of each class's records that become test samples, drawn by the job's seed; 0.2 by default, 0 for none.")]
    [Range(0.0, 0.9)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TestShare { get; init; }

    [Description("A box that attacks on points stay in, [low, high]; every value must lie in it. None by default.")]
    [MinLength(2)]
    [MaxLength(2)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Bounds { get; init; }

    public override void Check(InputMistakes mistakes)
    {
        base.Check(mistakes);
        PointBounds.Check(Bounds, IsImages, mistakes);
    }

    internal override DataOptions WithoutTestShare() => this with { TestShare = 0 };

    public override (string Field, Int128 Bytes) LeastMemory() => ("path", 0);

    /// <summary>The splits of one file, or of a file for each.</summary>
    /// <param name="train">The training records: their labels, and what reads their samples.</param>
    /// <param name="test">The test records; null where there are none.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="source">What messages call the options.</param>
    /// <exception cref="InputException">A class is unknown or has no record, or a file is broken.</exception>
    internal DataSplits Split(RecordSource train, RecordSource? test, long seed, string source)
    {
        RecordLabels labels = RecordLabels.Of(train.Labels, train.File, test?.Labels);
        IReadOnlyList<string> names = train.Names ?? labels.Names;
        if (train.Names is { } given)
        {
            labels = Numbered(train, given);
        }

        int[] classes = Choose(names, source, byNumber: train.Names is not null);
        string[] chosen = [.. classes.Select(number => names[number])];
        if (test is null)
        {
            RecordPlan plan = RecordPlan.Shared(labels, classes, this, TestShare ?? Data.TestShare.Default, seed, train.File);
            using RecordSink sink = train.Read(plan, classes.Length);
            Dataset all = Bounded(sink.Build(RecordTarget.Train)!, train.File);
            return new DataSplits(all, sink.Build(RecordTarget.Test) is { } drawn ? Bounded(drawn, train.File) : all, chosen) { Notes = train.Notes() };
        }

        if (train.Names is null && test.Names is not null)
        {
            throw new InputException(test.File, string.Empty, "labels that are names", "numbers, as the training records have");
        }

        if (TestShare > 0)
        {
            throw new InputException(source, $"{Place}.testShare", "a share of test records beside test records", "testShare where the files hold none");
        }

        RecordLabels testLabels = train.Names is null ? RecordLabels.Of(test.Labels, test.File, train.Labels) : Named(test, train.Names);
        using RecordSink first = train.Read(RecordPlan.Of(labels, classes, TrainLimit, RecordTarget.Train, train.File), classes.Length);
        Dataset samples = Bounded(first.Build(RecordTarget.Train)!, train.File);
        using RecordSink second = test.Read(RecordPlan.Of(testLabels, classes, TestLimit, RecordTarget.Test, test.File), classes.Length);
        Dataset tests = Bounded(second.Build(RecordTarget.Test)!, test.File);
        return tests.SampleShape.Equals(samples.SampleShape)
            ? new DataSplits(samples, tests, chosen) { Notes = [.. train.Notes(), .. test.Notes()] }
            : throw new InputException(test.File, string.Empty, $"test samples of the shape {tests.SampleShape}", $"{samples.SampleShape}, as the training samples have");
    }

    private Dataset Bounded(Dataset data, string file) => Bounds is null ? data : PointBounds.Apply(data, Bounds, file);

    /// <summary>Test records numbered as the training records' classes; those of other classes have no number of theirs.</summary>
    private static RecordLabels Named(RecordSource test, IReadOnlyList<string> names)
    {
        if (test.Names is not { } own)
        {
            return Numbered(test, names);
        }

        Dictionary<string, int> numbers = names.Select((name, i) => (name, i)).GroupBy(pair => pair.name, pair => pair.i).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        return new RecordLabels([.. Numbered(test, own).Numbers.Select(number => numbers.GetValueOrDefault(own[number], -1))], names);
    }

    private static RecordLabels Numbered(RecordSource records, IReadOnlyList<string> names)
    {
        var numbers = new int[records.Labels.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            long label = records.Labels[i];
            numbers[i] = label >= 0 && label < names.Count
                ? (int)label
                : throw new InputException(records.File, $"record {i + 1}", $"the label {label}", $"0 to {names.Count - 1}, the classes that the file names");
        }

        return new RecordLabels(numbers, names);
    }
}

/// <summary>The records of a split, before they are read.</summary>
/// <param name="File">For messages.</param>
/// <param name="Labels">Of each record.</param>
/// <param name="Read">Reads the samples of a plan of a number of classes.</param>
internal sealed record RecordSource(string File, IReadOnlyList<long> Labels, Func<RecordPlan, int, RecordSink> Read)
{
    /// <summary>The classes' names where the file has them; else each label names its class.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>What the user should know of how the samples were read, once they are.</summary>
    public Func<IReadOnlyList<string>> Notes { get; init; } = static () => [];
}
