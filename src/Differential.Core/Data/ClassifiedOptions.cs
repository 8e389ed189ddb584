using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Differential.Core.Data;

/// <summary>Data that hold samples of several classes, of which a job takes two or more: the rest is left out.</summary>
public abstract record ClassifiedOptions : DataOptions
{
    [Description("The class of label +1: its name or its number, from 0.")]
    [JsonConverter(typeof(ClassNameConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Positive { get; init; }

    [Description("The class of label −1: its name or its number.")]
    [JsonConverter(typeof(ClassNameConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Negative { get; init; }

    [Description("The classes by name or number, in place of positive and negative, which are the first and the second of two.")]
    [MinLength(2)]
    [MaxLength(MaxClasses)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClassName>? Classes { get; init; }

    [Description("At most so many training samples, of all classes together; the first in the files' order, balanced over the classes.")]
    [Range(2, int.MaxValue)]
    public int? TrainLimit { get; init; }

    [Description("At most so many test samples.")]
    [Range(2, int.MaxValue)]
    public int? TestLimit { get; init; }

    [Description("Where the files can be had, for people. Where it is given, validate warns of files that are not there yet in place of refusing the job.")]
    [MinLength(1)]
    [MaxLength(1_000)]
    [Note]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }

    [JsonIgnore]
    public override string? AvailableFrom => Source;

    [JsonIgnore]
    public override int ClassCount => Classes?.Count ?? 2;

    public override void Check(InputMistakes mistakes)
    {
        ArgumentNullException.ThrowIfNull(mistakes);
        if (Classes is null)
        {
            CheckPair(mistakes);
            return;
        }

        if (Positive is not null || Negative is not null)
        {
            mistakes.Add($"{Place}.classes", "classes beside positive or negative", "positive and negative, or classes");
        }

        HashSet<string> seen = [];
        for (int i = 0; i < Classes.Count; i++)
        {
            if (!seen.Add(Classes[i].Text.ToUpperInvariant()))
            {
                mistakes.Add($"{Place}.classes[{i}]", "a class that is already in the list", "each class once");
            }
        }

        foreach ((string field, int? limit) in ((string, int?)[])[("trainLimit", TrainLimit), ("testLimit", TestLimit)])
        {
            if (limit < Classes.Count)
            {
                mistakes.Add($"{Place}.{field}", $"the number {limit}", $"a whole number of at least {Classes.Count}, one for each class");
            }
        }
    }

    /// <summary>The numbers of the classes that the job takes; of two the positive one first.</summary>
    /// <param name="names">The names of all classes, in the order of their numbers.</param>
    /// <param name="source">What messages call the options.</param>
    /// <param name="byNumber">Whether a class may be named by its place too; not where the names are numbers themselves.</param>
    /// <exception cref="InputException">A class is unknown, or there twice.</exception>
    internal int[] Choose(IReadOnlyList<string> names, string source, bool byNumber = true)
    {
        if (Classes is null)
        {
            int positive = ClassOf(Positive ?? string.Empty, names, source, $"{Place}.positive", byNumber);
            int negative = ClassOf(Negative ?? string.Empty, names, source, $"{Place}.negative", byNumber);
            return positive != negative
                ? [positive, negative]
                : throw new InputException(source, $"{Place}.negative", "the same class as positive", "another class");
        }

        var classes = new int[Classes.Count];
        for (int i = 0; i < classes.Length; i++)
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"{Place}.classes[{i}]");
            classes[i] = ClassOf(Classes[i].Text, names, source, place, byNumber);
            if (classes.AsSpan(0, i).Contains(classes[i]))
            {
                throw new InputException(source, place, $"\"{Classes[i].Text}\", a class that is already in the list", "each class once");
            }
        }

        return classes;
    }

    private static int ClassOf(string text, IReadOnlyList<string> names, string source, string place, bool byNumber)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == text)
            {
                return i;
            }
        }

        const int shown = 20;
        return byNumber && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < names.Count
            ? index
            : throw new InputException(
                source,
                place,
                $"\"{text}\", which is no class",
                names.Count == 0 ? "none, there are no classes" : $"{string.Join(", ", names.Take(shown))}{(names.Count > shown ? ", …" : string.Empty)}{(byNumber ? $", or 0 to {names.Count - 1}" : string.Empty)}");
    }

    private void CheckPair(InputMistakes mistakes)
    {
        if (Positive is null || Negative is null)
        {
            mistakes.Add(Place, $"the field '{(Positive is null ? "positive" : "negative")}' is missing", "positive and negative, or classes");
        }
        else if (string.Equals(Positive, Negative, StringComparison.OrdinalIgnoreCase))
        {
            mistakes.Add($"{Place}.negative", "the same class as positive", "another class");
        }
    }
}
