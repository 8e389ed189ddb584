using Differential.Core;
using Differential.Service.Jobs;
using Differential.Service.Progress;

namespace Differential.Service.Runs;

/// <summary>How jobs of one kind are done.</summary>
internal interface IJobHandler<in TSpec>
    where TSpec : JobSpec
{
    /// <summary>Loads and checks what the job names: data, model, whether they fit; computes nothing.</summary>
    /// <param name="spec">The job, every default filled in, every path absolute.</param>
    /// <param name="file">The job file, for messages.</param>
    /// <param name="jobs">Prepares the jobs that this one is made of.</param>
    /// <exception cref="InputException">Something is wrong with it.</exception>
    IPreparedJob Prepare(TSpec spec, string file, JobHandlers jobs);

    /// <summary>What is wrong with what the job names; computes nothing.</summary>
    /// <param name="spec">The job, every default filled in, every path absolute.</param>
    /// <param name="file">The job file, for messages.</param>
    /// <param name="jobs">Knows the jobs that this one is made of.</param>
    IReadOnlyList<InputException> Mistakes(TSpec spec, string file, JobHandlers jobs)
    {
        try
        {
            Prepare(spec, file, jobs);
            return [];
        }
        catch (InputException mistake)
        {
            return Beside(spec, file, mistake) is { } other ? [mistake, other] : [mistake];
        }
    }

    /// <summary>What else is wrong, where <see cref="Prepare"/> ended with a mistake; null where nothing is, or nothing can be told.</summary>
    /// <param name="spec">The job, every default filled in, every path absolute.</param>
    /// <param name="file">The job file, for messages.</param>
    /// <param name="mistake">The mistake.</param>
    InputException? Beside(TSpec spec, string file, InputException mistake) => null;
}

/// <summary>A job whose inputs are loaded and checked.</summary>
internal interface IPreparedJob
{
    /// <summary>What the job is going to do, phase after phase.</summary>
    JobPlan Plan => JobPlan.Whole;

    /// <summary>Does the job, going on from what its folder's checkpoint holds.</summary>
    /// <exception cref="OperationCanceledException">Interrupted; what is done so far is in the checkpoint.</exception>
    JobOutcome Run(JobContext context);
}
