using System.Text;
using Differential.Core;
using Differential.Service.Jobs.Rules;

namespace Differential.Service.History;

/// <summary>
/// Which runs are asked for: <c>loss:differential accuracy&gt;0.95 -state:failed planes</c>. All terms must hold; those on a network's
/// fields must hold for one network together.
/// </summary>
internal sealed class RunFilter
{
    private const string Allowed = "allowed: words, and FIELD:TEXT, FIELD=VALUE, FIELD>NUMBER, FIELD<NUMBER, FIELD>=NUMBER, FIELD<=NUMBER, each with - before it for the opposite";

    private static readonly string[] NetworkFields = ["accuracy", "trainAccuracy", "robustAccuracy", "network", "loss"];

    private static readonly string[] RunFields = ["id", "name", "kind", "state", "device", "started", "finished", "seconds", "error", "seed", "model", "data", "optimizer", "epochs", "batchSize"];

    private readonly List<Term> _terms = [];

    private RunFilter()
    {
    }

    private enum Relation
    {
        Has,
        Is,
        Above,
        Below,
        AtLeast,
        AtMost,
    }

    private sealed record Term(string? Field, Relation Relation, FieldValue Value, bool Not);

    /// <summary>Reads a filter; an empty one lets all runs through.</summary>
    /// <exception cref="InputException">A term that is none.</exception>
    public static RunFilter Parse(string? text)
    {
        var filter = new RunFilter();
        foreach (string word in Words(text ?? string.Empty))
        {
            filter._terms.Add(ParseTerm(word));
        }

        return filter;
    }

    /// <summary>The run with the networks that are asked for and its figures of these; null where it is not asked for.</summary>
    public RunSummary? Select(RunSummary run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!_terms.Where(static t => !IsOfNetwork(t)).All(t => Holds(t, t.Field is null ? null : Value(run, t.Field), run)))
        {
            return null;
        }

        Term[] ofNetworks = [.. _terms.Where(IsOfNetwork)];
        if (ofNetworks.Length == 0)
        {
            return run;
        }

        // A run without networks has none of which the opposite holds.
        if (run.Networks.Count == 0)
        {
            return Array.TrueForAll(ofNetworks, static t => t.Not) ? run : null;
        }

        RunNetwork[] networks = [.. run.Networks.Where(n => ofNetworks.All(t => Holds(t, Value(n, t.Field!), run)))];
        return networks.Length == 0 ? null : run with
        {
            Networks = networks,
            Accuracy = networks.Max(static n => n.Accuracy),
            RobustAccuracy = networks.Max(static n => n.RobustAccuracy),
        };
    }

    /// <summary>A run's value of a field, of the network that has the largest where networks have it; null where it has none.</summary>
    internal static FieldValue? Value(RunSummary run, string field) => Array.Exists(NetworkFields, f => f.Equals(field, StringComparison.OrdinalIgnoreCase))
        ? run.Networks.Select(n => Value(n, field)).OfType<FieldValue>().Order().Select(static v => (FieldValue?)v).LastOrDefault()
        : run.Fields.TryGetValue(field, out FieldValue value) ? value : null;

    /// <summary>A field by its name, whatever its case.</summary>
    /// <exception cref="InputException">There is none such.</exception>
    internal static string FieldOf(string name, string place)
    {
        string canonical = name.Equals("robust", StringComparison.OrdinalIgnoreCase) ? "robustAccuracy" : name;
        string[] known = [.. RunFields, .. NetworkFields];
        return known.FirstOrDefault(f => f.Equals(canonical, StringComparison.OrdinalIgnoreCase))
            ?? (canonical.Contains('.', StringComparison.Ordinal) ? canonical : throw new InputException(
                "arguments", place, $"the unknown field '{name}'{Suggestion.For(name, known)}", $"allowed: {string.Join(", ", known)}, or a job's field by its path, optimizer.learningRate say"));
    }

    private static bool IsOfNetwork(Term term) => term.Field is { } field && NetworkFields.Contains(field);

    private static FieldValue? Value(RunNetwork network, string field) => field.ToUpperInvariant() switch
    {
        "ACCURACY" => Number(network.Accuracy),
        "TRAINACCURACY" => Number(network.TrainAccuracy),
        "ROBUSTACCURACY" => Number(network.RobustAccuracy),
        "NETWORK" => network.Name is { } name ? FieldValue.Of(name) : null,
        "LOSS" => network.Loss is { } loss ? FieldValue.Of(loss) : null,
        _ => null,
    };

    private static FieldValue? Number(double? number) => number is { } value ? FieldValue.Of(value) : null;

    private static bool Holds(Term term, FieldValue? value, RunSummary run)
    {
        bool holds = term.Field is null
            ? ((string?[])[run.Id, run.Name, run.Kind, run.Error, .. run.Networks.Select(static n => n.Name)]).Any(text => text?.Contains(term.Value.Text, StringComparison.OrdinalIgnoreCase) == true)
            : value is { } found && Holds(term, found);
        return holds != term.Not;
    }

    private static bool Holds(Term term, FieldValue found)
    {
        switch (term.Relation)
        {
            case Relation.Has:
                return found.Text.Contains(term.Value.Text, StringComparison.OrdinalIgnoreCase);
            case Relation.Is:
                return found.Number is not null && term.Value.Number is not null ? found.Number == term.Value.Number : found.Text.Equals(term.Value.Text, StringComparison.OrdinalIgnoreCase);
            default:
                if ((found.Number is null) != (term.Value.Number is null))
                {
                    return false;
                }

                int order = found.CompareTo(term.Value);
                return term.Relation switch
                {
                    Relation.Above => order > 0,
                    Relation.Below => order < 0,
                    Relation.AtLeast => order >= 0,
                    _ => order <= 0,
                };
        }
    }

    private static Term ParseTerm(string word)
    {
        bool not = word.Length > 1 && word[0] == '-';
        string text = not ? word[1..] : word;
        int at = text.AsSpan().IndexOfAny(":=<>");
        if (at < 0)
        {
            return new Term(null, Relation.Has, FieldValue.Of(text), not);
        }

        bool orEqual = text[at] is '<' or '>' && at + 1 < text.Length && text[at + 1] == '=';
        string value = text[(at + (orEqual ? 2 : 1))..];
        if (at == 0 || value.Length == 0)
        {
            throw new InputException("arguments", "filter", $"'{word}'", Allowed);
        }

        Relation relation = (text[at], orEqual) switch
        {
            (':', _) => Relation.Has,
            ('=', _) => Relation.Is,
            ('>', false) => Relation.Above,
            ('<', false) => Relation.Below,
            ('>', true) => Relation.AtLeast,
            _ => Relation.AtMost,
        };
        return new Term(FieldOf(text[..at], "filter"), relation, relation == Relation.Has ? FieldValue.Of(value) : FieldValue.Read(value), not);
    }

    /// <summary>Words between blanks; blanks between quotation marks belong to a word.</summary>
    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        bool quoted = false;
        foreach (char c in text)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (char.IsWhiteSpace(c) && !quoted)
            {
                if (word.Length > 0)
                {
                    yield return word.ToString();
                    word.Clear();
                }
            }
            else
            {
                word.Append(c);
            }
        }

        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }
}
