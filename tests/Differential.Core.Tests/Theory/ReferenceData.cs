namespace Differential.Core.Tests.Theory;

/// <summary>The reference file of the affine data, where it is to be had.</summary>
internal static class ReferenceData
{
    private const string Variable = "DIFFERENTIAL_AFFINE_REFERENCE";

    /// <summary>Its path: the environment variable, else beside the repository; skips the test where neither is there.</summary>
    public static string AffinePath()
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        string path = named ?? Path.Combine(Repository.Root, "..", "shared", "data", "affine-reference.csv");
        Skip.IfNot(File.Exists(path), $"affine-reference.csv is not beside the repository and {Variable} does not name it");
        return path;
    }
}
