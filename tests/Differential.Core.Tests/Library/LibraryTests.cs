using System.Reflection;
using System.Text.RegularExpressions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Library;

/// <summary>What docs/library.md promises to those who use the packages in programs of their own.</summary>
public sealed partial class LibraryTests
{
    [Fact]
    public void The_page_shows_the_program_that_is_compiled()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "library.md"));
        string program = File.ReadAllText(Path.Combine(Repository.Root, "examples", "library", "Program.cs"));

        Assert.Contains(program.Trim(), CodeBlock().Matches(page).Select(static match => match.Groups[1].Value.Trim()));
    }

    [Fact]
    public void The_program_trains_attacks_certifies_and_saves()
    {
        using var folder = new TemporaryFolder();
        string model = folder.At("model.safetensors");

        MethodInfo entry = Assembly.Load("Differential.Example").EntryPoint!;
        entry.Invoke(null, [new[] { model }]);

        using ComputeDevice device = DeviceCatalog.Open("simd");
        using Network network = NetworkModel.Load(model, device);
        Assert.Equal(new Shape(16, 16, 3), network.Architecture.Input);
        Assert.NotEqual(0, network.Threshold);
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
