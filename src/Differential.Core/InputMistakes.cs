using System.Globalization;

namespace Differential.Core;

/// <summary>Collects the mistakes of one file in the order in which they are found, and what is worth a warning.</summary>
/// <param name="file">The file as messages name it.</param>
public sealed class InputMistakes(string file)
{
    private readonly List<InputException> _all = [];
    private readonly HashSet<string> _messages = new(StringComparer.Ordinal);
    private readonly List<string> _warnings = [];

    public string File { get; } = file;

    public IReadOnlyList<InputException> All => _all;

    /// <summary>Lines of the form <c>FILE: PLACE: warning: what was found; advice</c>.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public bool Any => _all.Count > 0;

    /// <param name="place">The JSON path.</param>
    /// <param name="found">What was found there.</param>
    /// <param name="allowed">What is allowed there.</param>
    public void Add(string place, string found, string allowed) => Add(new InputException(File, place, found, allowed));

    /// <summary>Adds a mistake; one that is there already is not listed again.</summary>
    public void Add(InputException mistake)
    {
        ArgumentNullException.ThrowIfNull(mistake);
        if (_messages.Add(mistake.Message))
        {
            _all.Add(mistake);
        }
    }

    /// <param name="place">The JSON path.</param>
    /// <param name="found">What was found there.</param>
    /// <param name="advice">What was meant, perhaps.</param>
    public void Warn(string place, string found, string advice) => _warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{File}: {place}: warning: {found}; {advice}"));

    /// <exception cref="InputException">The first mistake.</exception>
    public void ThrowIfAny()
    {
        if (Any)
        {
            throw _all[0];
        }
    }
}
