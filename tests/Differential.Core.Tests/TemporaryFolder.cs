using System.Text;

namespace Differential.Core.Tests;

/// <summary>A folder that is gone with its content at the end of a test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal TemporaryFolder() => Root = Directory.CreateTempSubdirectory("differential-").FullName;

    internal string Root { get; }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    internal string At(string name) => Path.Combine(Root, name);

    internal string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    internal string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(At(name), bytes);
        return At(name);
    }
}
