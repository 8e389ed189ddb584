using System.Text.Json;
using System.Text.Json.Serialization;

namespace Differential.Core.Losses;

/// <summary>
/// How much a class's samples count in a pointwise loss: as much as makes the classes equal, or numbers. The loss is the mean over the
/// batch's samples of w·ℓ; weights that make the classes equal are n / (K·n_c) over the training set, of which the mean is 1.
/// </summary>
[JsonConverter(typeof(ClassWeightsConverter))]
public sealed class ClassWeights : IEquatable<ClassWeights>
{
    /// <summary>The text that job files use.</summary>
    internal const string EqualText = "equal";

    private readonly double[]? _numbers;

    /// <param name="numbers">One for each class, finite and at least 0; of two classes the positive one first.</param>
    public ClassWeights(IReadOnlyList<double> numbers) => _numbers = [.. numbers];

    private ClassWeights()
    {
    }

    /// <summary>Each class counts as much as any other, however many samples it has.</summary>
    public static ClassWeights Equal { get; } = new();

    /// <summary>One for each class; null where the training set decides.</summary>
    public IReadOnlyList<double>? Numbers => _numbers;

    /// <summary>The weights for a training set.</summary>
    /// <param name="classCounts">Samples of each class, at least one.</param>
    /// <exception cref="ArgumentException">Not as many weights as classes.</exception>
    public float[] For(IReadOnlyList<int> classCounts)
    {
        ArgumentNullException.ThrowIfNull(classCounts);
        if (_numbers is null)
        {
            double all = classCounts.Sum(static count => (double)count);
            return [.. classCounts.Select(count => (float)(all / ((double)classCounts.Count * count)))];
        }

        return _numbers.Length == classCounts.Count
            ? [.. _numbers.Select(static number => (float)number)]
            : throw new ArgumentException($"{_numbers.Length} weights for {classCounts.Count} classes", nameof(classCounts));
    }

    public bool Equals(ClassWeights? other) =>
        other is not null && (_numbers is null ? other._numbers is null : other._numbers is not null && _numbers.AsSpan().SequenceEqual(other._numbers));

    public override bool Equals(object? obj) => Equals(obj as ClassWeights);

    public override int GetHashCode() => _numbers is null ? 0 : _numbers.Aggregate(_numbers.Length, HashCode.Combine);

    public override string ToString() => _numbers is null ? EqualText : JsonSerializer.Serialize(_numbers);
}

/// <summary>Reads "equal" or a list of numbers.</summary>
public sealed class ClassWeightsConverter : JsonConverter<ClassWeights>
{
    public override ClassWeights Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String when reader.GetString() == ClassWeights.EqualText => ClassWeights.Equal,
        JsonTokenType.StartArray => new ClassWeights(JsonSerializer.Deserialize<double[]>(ref reader, options)!),
        _ => throw new JsonException("neither \"equal\" nor a list of numbers"),
    };

    public override void Write(Utf8JsonWriter writer, ClassWeights value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Numbers is { } numbers)
        {
            JsonSerializer.Serialize(writer, numbers, options);
        }
        else
        {
            writer.WriteStringValue(ClassWeights.EqualText);
        }
    }
}
