namespace Differential.Core.Tests.Data;

/// <summary>The real CIFAR-10 folder, where this machine has it.</summary>
internal static class CifarFolder
{
    /// <summary>DIFFERENTIAL_CIFAR10, else ../shared/data/cifar-10-batches-bin seen from the repository's root; null where neither is there.</summary>
    internal static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("DIFFERENTIAL_CIFAR10");
        if (!string.IsNullOrEmpty(named))
        {
            return Directory.Exists(named) ? named : null;
        }

        string path = Path.Combine(Repository.Root, "..", "shared", "data", "cifar-10-batches-bin");
        return Directory.Exists(path) ? path : null;
    }
}
