namespace Differential.Core.Data;

/// <summary>
/// Which samples of a split are taken: those of the chosen classes, the first in their order. A limit is shared evenly (the first classes get
/// what is left over); a class that has fewer gives what it has.
/// </summary>
/// <param name="classes">The numbers of the chosen classes.</param>
/// <param name="limit">Samples of all classes together, at most; null for all.</param>
internal sealed class ClassRoom(int[] classes, int? limit)
{
    private readonly int[] _room = [.. classes.Select((_, i) => limit is int most ? (most / classes.Length) + (i < most % classes.Length ? 1 : 0) : int.MaxValue)];
    private readonly int[] _taken = new int[classes.Length];

    /// <summary>Whether a sample of a class is taken.</summary>
    /// <param name="number">The class's number.</param>
    /// <param name="label">Its label in the job: +1 or −1, of three classes or more its place in the list.</param>
    public bool Take(int number, out sbyte label)
    {
        int side = Array.IndexOf(classes, number);
        label = side < 0 ? (sbyte)0 : LabelOf(side, classes.Length);
        if (side < 0 || _taken[side] == _room[side])
        {
            return false;
        }

        _taken[side]++;
        return true;
    }

    /// <summary>The label of the class at a place of the list.</summary>
    public static sbyte LabelOf(int side, int classes) => (sbyte)(classes > 2 ? side : side == 0 ? 1 : -1);

    /// <summary>Refuses a split without any sample of a class.</summary>
    /// <param name="file">Where the samples are from.</param>
    /// <param name="names">The names of all classes.</param>
    /// <param name="what">What samples are called: <c>image</c>.</param>
    /// <exception cref="InputException">A class has none.</exception>
    public void CheckAll(string file, IReadOnlyList<string> names, string what)
    {
        int side = Array.IndexOf(_taken, 0);
        if (side >= 0)
        {
            string name = names[classes[side]];
            string number = $"{classes[side]}";
            throw new InputException(
                file,
                string.Empty,
                $"no {what} of the class {name}{(name == number ? string.Empty : $" ({number})")}{(_room[side] == 0 ? $" within the limit of {limit}" : string.Empty)}",
                classes.Length == 2 ? $"{what}s of both classes" : $"{what}s of each of the {classes.Length} classes");
        }
    }
}
