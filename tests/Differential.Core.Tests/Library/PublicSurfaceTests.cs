using System.Reflection;
using Differential.Core.Training;
using Differential.Kernels.Devices;
using PublicApiGenerator;

namespace Differential.Core.Tests.Library;

/// <summary>
/// The packages' public types and members are those of docs/api: what is public is chosen, and a change of it is seen in review. With
/// DIFFERENTIAL_WRITE_API=1 the test writes the files anew.
/// </summary>
public sealed class PublicSurfaceTests
{
    public static TheoryData<string> Packages => ["Differential.Kernels", "Differential.Core"];

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_surface_is_the_one_in_docs(string package)
    {
        Assembly assembly = package == "Differential.Core" ? typeof(Trainer).Assembly : typeof(ComputeDevice).Assembly;
        string surface = assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").Trim() + "\n";
        string file = Path.Combine(Repository.Root, "docs", "api", package + ".txt");
        if (Environment.GetEnvironmentVariable("DIFFERENTIAL_WRITE_API") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, surface);
        }

        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n").Split('\n'), surface.Split('\n'));
    }
}
