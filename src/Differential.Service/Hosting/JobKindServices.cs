using Differential.Service.Jobs;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Compare;
using Differential.Service.Kinds.Sweep;
using Differential.Service.Kinds.Theory;
using Differential.Service.Kinds.Train;
using Differential.Service.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace Differential.Service.Hosting;

/// <summary>Registers the kinds of jobs.</summary>
internal static class JobKindServices
{
    /// <summary>Every kind of job; a new one is a line here.</summary>
    public static IServiceCollection AddJobKinds(this IServiceCollection services) => services
        .AddJobKind<TrainSpec, TrainHandler>()
        .AddJobKind<AttackSpec, AttackHandler>()
        .AddJobKind<CompareSpec, CompareHandler>()
        .AddJobKind<TheorySpec, TheoryHandler>()
        .AddJobKind<SweepSpec, SweepHandler>()
        .AddSingleton<JobHandlers>();

    private static IServiceCollection AddJobKind<TSpec, THandler>(this IServiceCollection services)
        where TSpec : JobSpec
        where THandler : class, IJobHandler<TSpec> => services
        .AddSingleton<IJobHandler<TSpec>, THandler>()
        .AddSingleton<JobKind, JobKind<TSpec>>();
}
