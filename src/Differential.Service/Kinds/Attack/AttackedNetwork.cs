using System.Security.Cryptography;
using Differential.Core.Models;
using Differential.Core.Networks;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Attack;

/// <summary>The network that a job attacks: the one that it has just trained, as it lies on the device, or a file's, loaded when it is first asked for.</summary>
/// <param name="context">The job.</param>
/// <param name="path">The model file.</param>
/// <param name="opened">What the file holds; null where it is to be read.</param>
/// <param name="trained">The very network of the file; owned. Null where it is not in memory.</param>
internal sealed class AttackedNetwork(JobContext context, string path, OpenedModel? opened = null, Network? trained = null) : IDisposable
{
    private Network? _network = trained;
    private string? _key;

    /// <summary>The file's hash: what was found of one network is not taken for another's.</summary>
    public string Key => _key ??= HashOf(path);

    /// <summary>The network, on the job's device.</summary>
    public Network Network => _network ??= (opened ?? ModelOpener.Open(path)).Create(context.Device);

    public void Dispose() => _network?.Dispose();

    private static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
