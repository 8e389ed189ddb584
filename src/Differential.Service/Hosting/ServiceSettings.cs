using System.ComponentModel.DataAnnotations;
using Differential.Core;
using Microsoft.Extensions.Configuration;

namespace Differential.Service.Hosting;

/// <summary>Reads and checks the service's configuration.</summary>
internal static class ServiceSettings
{
    /// <summary>The configuration with what the command line says before it.</summary>
    /// <exception cref="InputException">A value is of the wrong type or out of range.</exception>
    public static ServiceOptions Read(GlobalOptions options, string? root)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Bind(AppHost.Configuration(), root);
    }

    /// <summary>The options in a configuration.</summary>
    /// <exception cref="InputException">A value is of the wrong type or out of range.</exception>
    public static ServiceOptions Bind(IConfiguration configuration, string? root)
    {
        ServiceOptions service = new();
        try
        {
            configuration.Bind(service);
        }
        catch (InvalidOperationException exception)
        {
            throw new InputException("configuration", string.Empty, exception.Message.TrimEnd('.'), "allowed: see docs/configuration.md");
        }

        service.Root = root ?? service.Root;
        Check(service, string.Empty);
        Check(service.Queue, "Queue:");
        foreach ((string device, int slots) in service.Workers)
        {
            if (slots is < 1 or > 64)
            {
                throw new InputException("configuration", $"Workers:{device}", $"the number {slots}", "allowed: 1 to 64 jobs side by side");
            }
        }

        return service;
    }

    private static void Check(object options, string section)
    {
        List<ValidationResult> mistakes = [];
        if (!Validator.TryValidateObject(options, new ValidationContext(options), mistakes, validateAllProperties: true))
        {
            ValidationResult mistake = mistakes[0];
            throw new InputException("configuration", section + mistake.MemberNames.FirstOrDefault(), mistake.ErrorMessage?.TrimEnd('.') ?? "a wrong value", "allowed: see docs/configuration.md");
        }
    }
}
