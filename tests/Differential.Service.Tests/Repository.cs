namespace Differential.Service.Tests;

/// <summary>Files of the repository that tests read.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static IReadOnlyList<string> ExampleJobs => Directory.GetFiles(Path.Combine(Root, "examples", "jobs"), "*.json");

    /// <summary>DIFFERENTIAL_CIFAR10, else ../shared/data/cifar-10-batches-bin seen from the root; null where neither is there.</summary>
    public static string? Cifar10
    {
        get
        {
            string? named = Environment.GetEnvironmentVariable("DIFFERENTIAL_CIFAR10");
            string path = Path.GetFullPath(string.IsNullOrEmpty(named) ? Path.Combine(Root, "..", "shared", "data", "cifar-10-batches-bin") : named);
            return Directory.Exists(path) ? path : null;
        }
    }

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Differential.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests do not lie in the repository");
    }
}
