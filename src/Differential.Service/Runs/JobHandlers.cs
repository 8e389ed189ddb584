using Differential.Core;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Runs;

/// <summary>The handler of each kind of job.</summary>
internal sealed class JobHandlers(IEnumerable<JobKind> kinds)
{
    private readonly Dictionary<Type, JobKind> _bySpec = kinds.ToDictionary(k => k.Spec);

    /// <summary>Loads and checks what a job names.</summary>
    /// <exception cref="InputException">Something is wrong with it.</exception>
    public IPreparedJob Prepare(JobFile job) => _bySpec[job.Spec.GetType()].Prepare(job, this);

    /// <summary>What is wrong with what a job names.</summary>
    public IReadOnlyList<InputException> Mistakes(JobFile job) => _bySpec[job.Spec.GetType()].Mistakes(job, this);
}

/// <summary>A kind of job.</summary>
/// <param name="Spec">The type of its spec.</param>
internal abstract record JobKind(Type Spec)
{
    /// <summary>Loads and checks what a job of this kind names.</summary>
    public abstract IPreparedJob Prepare(JobFile job, JobHandlers jobs);

    /// <summary>What is wrong with what a job of this kind names.</summary>
    public abstract IReadOnlyList<InputException> Mistakes(JobFile job, JobHandlers jobs);
}

/// <summary>A kind of job with its handler.</summary>
internal sealed record JobKind<TSpec>(IJobHandler<TSpec> Handler) : JobKind(typeof(TSpec))
    where TSpec : JobSpec
{
    public override IPreparedJob Prepare(JobFile job, JobHandlers jobs) => Handler.Prepare((TSpec)job.Spec, job.File, jobs);

    public override IReadOnlyList<InputException> Mistakes(JobFile job, JobHandlers jobs) => Handler.Mistakes((TSpec)job.Spec, job.File, jobs);
}
