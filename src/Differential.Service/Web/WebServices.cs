using Differential.Service.Hosting;
using Differential.Service.Observability;
using Microsoft.Extensions.DependencyInjection;

namespace Differential.Service.Web;

/// <summary>Registers the page.</summary>
internal static class WebServices
{
    /// <summary>Adds the page where <c>Http:Url</c> is set. Its address is checked at once.</summary>
    /// <exception cref="Core.InputException">The address is wrong, or one that other machines reach without leave.</exception>
    public static IServiceCollection AddWebPage(this IServiceCollection services, HttpOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        if (string.IsNullOrEmpty(options.Url))
        {
            return services;
        }

        HttpAddress.Of(options);
        return services
            .AddSingleton(provider => new PrometheusExporter(provider.GetRequiredService<ServiceMeter>().Meter))
            .AddSingleton<WebService>()
            .AddHostedService(provider => provider.GetRequiredService<WebService>());
    }
}
