namespace Differential.Core.Data;

/// <summary>An image file of a class.</summary>
/// <param name="File">Its path.</param>
/// <param name="Class">The class's number.</param>
internal readonly record struct ImageEntry(string File, int Class);
