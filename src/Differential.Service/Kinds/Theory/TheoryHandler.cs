using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Theory;
using Differential.Service.Jobs;
using Differential.Service.Progress;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Theory;

/// <summary>Runs the linear theory's experiment in double precision on the CPU, whatever the device.</summary>
internal sealed class TheoryHandler(JobLimits limits) : IJobHandler<TheorySpec>
{
    public IPreparedJob Prepare(TheorySpec spec, string file, JobHandlers jobs)
    {
        limits.CheckData(spec.Data, file);
        return new Prepared(spec, file, JobInputs.Points(spec.Data, spec.Seed, file));
    }

    private sealed class Prepared(TheorySpec spec, string file, LabeledPoints points) : IPreparedJob
    {
        public JobPlan Plan { get; } = new([new JobPhase(new PhaseId(PhaseKind.Theory), 1, TheoryExperiment.Trainings)]);

        public JobOutcome Run(JobContext context)
        {
            context.Observer.PhaseBegan(new PhaseId(PhaseKind.Theory));
            var options = new TheoryOptions { MaxIterations = spec.Iterations, Seed = spec.Seed };
            TheoryResult result;
            try
            {
                result = TheoryExperiment.Run(points, options, context.Observer.TheoryModelDone, context.Cancellation);
            }
            catch (NotSeparableException)
            {
                throw new InputException(file, "$.data", "classes that no hyperplane separates", "allowed: points with a separating hyperplane");
            }

            var outcome = new TheoryOutcome
            {
                SvmMargin = result.SvmMargin,
                BoundaryBound = result.BoundaryBound,
                CrossEntropyLimit = result.CrossEntropyLimit,
                Bias = result.Bias,
                ConstantSquares = result.Constant.SumDeltaSquared,
                Models = result.Models.ToDictionary(
                    m => m.Key,
                    m => new TheoryModelResult(m.Value.Margin, m.Value.MarginRatio, m.Value.Iterations, m.Value.LearningRate, m.Value.StepsTo99, m.Value.StepsTo999)),
            };
            TheoryReport.Write(context, result);
            return outcome;
        }
    }
}
