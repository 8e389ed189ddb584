using System.ComponentModel.DataAnnotations;
using Differential.Core;
using Microsoft.Extensions.Configuration;

namespace Differential.Service.Hosting;

/// <summary>Reads and checks the service's configuration.</summary>
internal static class ServiceSettings
{
    /// <summary>The configuration with what the command line says before it.</summary>
    /// <exception cref="InputException">A value is of the wrong type or out of range.</exception>
    public static ServiceOptions Read(string? root) => Bind(AppHost.Configuration(), root);

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
            throw ConfigurationMistake.OfBinding(exception);
        }

        service.Root = root ?? service.Root;

        // An empty variable is one that is not set, as compose files hand it on.
        service.Http.Token = string.IsNullOrEmpty(service.Http.Token) ? null : service.Http.Token;
        service.Notify.Secret = string.IsNullOrEmpty(service.Notify.Secret) ? null : service.Notify.Secret;
        Check(service, string.Empty);
        Check(service.Queue, "Queue:");
        Check(service.Http, "Http:");
        Check(service.LogFile, "LogFile:");
        Check(service.Notify, "Notify:");
        service.Notify.Check();
        foreach ((string device, int slots) in service.Workers)
        {
            if (slots is < 1 or > 64)
            {
                throw new InputException("configuration", $"Workers:{device}", $"the number {slots}", "allowed: 1 to 64 jobs side by side");
            }
        }

        return service;
    }

    /// <summary>Checks the ranges of a section.</summary>
    /// <exception cref="InputException">A value is out of its range.</exception>
    internal static void Check(object options, string section)
    {
        List<ValidationResult> mistakes = [];
        if (!Validator.TryValidateObject(options, new ValidationContext(options), mistakes, validateAllProperties: true))
        {
            throw ConfigurationMistake.OfCheck(options, section, mistakes[0]);
        }
    }
}
