using Differential.Core;
using Differential.Service.Jobs.Reading;
using Differential.Service.Jobs.Sweeps;
using Microsoft.Extensions.DependencyInjection;

namespace Differential.Service.Jobs.Handlers;

/// <summary>The handler of each kind of job.</summary>
internal sealed class JobHandlers(IServiceProvider services, IEnumerable<JobHandlers.Registration> registrations)
{
    private readonly Dictionary<Type, Registration> _bySpec = registrations.ToDictionary(r => r.Spec);

    /// <summary>Loads and checks what a job names.</summary>
    /// <exception cref="InputException">Something is wrong with it.</exception>
    public IPreparedJob Prepare(JobFile job) => _bySpec[job.Spec.GetType()].Prepare(services, job.Spec, job.File);

    /// <summary>A kind of job and how its handler is called.</summary>
    internal sealed record Registration(Type Spec, Func<IServiceProvider, JobSpec, string, IPreparedJob> Prepare);
}

/// <summary>Registers handlers.</summary>
internal static class JobHandlerServices
{
    /// <summary>Every kind of job; a new one is a line here beside its spec and handler.</summary>
    public static IServiceCollection AddJobHandlers(this IServiceCollection services) => services
        .AddJobHandler<TrainSpec, TrainHandler>()
        .AddJobHandler<AttackSpec, AttackHandler>()
        .AddJobHandler<CompareSpec, CompareHandler>()
        .AddJobHandler<TheorySpec, TheoryHandler>()
        .AddJobHandler<SweepSpec, SweepHandler>()
        .AddSingleton<JobHandlers>();

    private static IServiceCollection AddJobHandler<TSpec, THandler>(this IServiceCollection services)
        where TSpec : JobSpec
        where THandler : class, IJobHandler<TSpec> => services
        .AddSingleton<THandler>()
        .AddSingleton(new JobHandlers.Registration(
            typeof(TSpec), (provider, spec, file) => provider.GetRequiredService<THandler>().Prepare((TSpec)spec, file)));
}
