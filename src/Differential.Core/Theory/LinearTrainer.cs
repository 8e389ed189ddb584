using Differential.Core.Data;
using Differential.Core.Numerics;

namespace Differential.Core.Theory;

/// <summary>Trains linear models on all points at once, in double precision, and records how their margins grow.</summary>
internal static class LinearTrainer
{
    private const int GridPerDecade = 20;

    /// <summary>
    /// Trains from w = 0 (and b = 0) until the target margin, the last iteration, or a gradient that is exactly zero,
    /// which moves nothing any more.
    /// </summary>
    /// <param name="points">The training points.</param>
    /// <param name="options">Objective, optimiser and when to stop.</param>
    /// <param name="cancellationToken">Looked at before each step.</param>
    /// <exception cref="ArithmeticException">The parameters grew beyond double precision: the learning rate is too large.</exception>
    /// <exception cref="ArgumentException">The learning rate, a count, or the combination of options makes no sense.</exception>
    public static LinearTrainingResult Train(LabeledPoints points, LinearTrainerOptions options, CancellationToken cancellationToken = default)
    {
        LinearObjective objective = CreateObjective(points, options);
        double[] parameters = new double[objective.ParameterCount];
        double[] momentum = new double[options.Optimizer == LinearOptimizer.NormalizedNesterov ? parameters.Length : 0];
        List<MarginPoint> curve = [];
        int?[] steps = new int?[options.Milestones.Count];
        int iteration = 0;
        int nextOnGrid = 1;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            objective.Evaluate(parameters);
            if (!double.IsFinite(objective.Margin) || !double.IsFinite(objective.Loss))
            {
                throw new ArithmeticException($"training diverged at iteration {iteration}; it needs a learning rate below {options.LearningRate}");
            }

            bool ends = iteration == options.MaxIterations || objective.Margin >= options.TargetMargin;
            if (iteration > 0)
            {
                for (int k = 0; k < steps.Length; k++)
                {
                    steps[k] ??= objective.Margin >= options.Milestones[k] ? iteration : null;
                }

                if (ends || iteration == nextOnGrid)
                {
                    curve.Add(new MarginPoint(iteration, objective.Margin));
                    nextOnGrid = NextOnGrid(iteration);
                }
            }

            if (ends || !TryStep(objective, options, parameters, momentum, iteration))
            {
                break;
            }

            iteration++;
        }

        if (iteration > 0 && curve[^1].Iteration != iteration)
        {
            curve.Add(new MarginPoint(iteration, objective.Margin));
        }

        return new LinearTrainingResult(
            objective.Separator(parameters), objective.Margin, iteration, Math.Log(objective.Loss) - objective.Shift, curve, steps);
    }

    private static LinearObjective CreateObjective(LabeledPoints points, LinearTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(options);
        if (!(options.LearningRate > 0) || !double.IsFinite(options.LearningRate))
        {
            throw new ArgumentException($"the learning rate must be positive and finite, not {options.LearningRate}", nameof(options));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxIterations, nameof(options));
        if (options.Objective == LinearObjectiveKind.Differential)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(options.RandomPairs ?? 1, 1, nameof(options));
            return new PairwiseObjective(points, options.Surrogate, options.RandomPairs, options.Seed);
        }

        return options.RandomPairs is null
            ? new PointwiseObjective(points, options.Surrogate)
            : throw new ArgumentException("random pairs need the differential objective", nameof(options));
    }

    private static bool TryStep(LinearObjective objective, LinearTrainerOptions options, double[] parameters, double[] momentum, int iteration)
    {
        // g / L needs no shift, for it cancels; the gradient itself does, and may underflow with the loss.
        double factor = options.Optimizer == LinearOptimizer.GradientDescent ? Math.Exp(-objective.Shift) : 1 / objective.Loss;
        double[] gradient = objective.Gradient;
        if (objective.Loss == 0 || factor == 0 || !gradient.AsSpan().ContainsAnyExcept(0.0))
        {
            return false;
        }

        VectorMath.Scale(gradient, factor);
        if (options.Optimizer == LinearOptimizer.NormalizedNesterov)
        {
            double carry = iteration / (iteration + 1.0);
            for (int k = 0; k < parameters.Length; k++)
            {
                momentum[k] = carry * (momentum[k] + gradient[k]);
                gradient[k] += momentum[k];
            }
        }

        VectorMath.AddScaled(parameters, -options.LearningRate, gradient);
        return true;
    }

    private static int NextOnGrid(int iteration)
    {
        // The grid is round(10^(k/20)): it holds 100, 1,000, … themselves.
        int exponent = (int)(GridPerDecade * Math.Log10(iteration));
        int next;
        do
        {
            next = (int)Math.Round(Math.Pow(10, exponent++ / (double)GridPerDecade));
        }
        while (next <= iteration);

        return next;
    }
}
