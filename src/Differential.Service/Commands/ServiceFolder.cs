using Differential.Core;
using Differential.Service.Hosting;
using Differential.Service.Queue;

namespace Differential.Service.Commands;

/// <summary>The root that a command works on, from its option or the configuration.</summary>
internal static class ServiceFolder
{
    /// <summary>The root of a running or stopped service.</summary>
    /// <exception cref="InputException">There is no service's folder there.</exception>
    public static ServiceRoot Find(string? root)
    {
        ServiceOptions settings = ServiceSettings.Read(root);
        var folder = new ServiceRoot(settings.Root);
        return Directory.Exists(folder.Incoming)
            ? folder
            : throw new InputException(settings.Root, string.Empty, "no service's folder (it has no incoming/)", "allowed: the --root of differential serve");
    }
}
