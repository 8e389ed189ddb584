using Differential.Core;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Runs;

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
