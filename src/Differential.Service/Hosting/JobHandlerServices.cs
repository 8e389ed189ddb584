using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Compare;
using Differential.Service.Kinds.Sweep;
using Differential.Service.Kinds.Theory;
using Differential.Service.Kinds.Train;
using Differential.Service.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace Differential.Service.Hosting;

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
