using Differential.Core.Data;
using Differential.Core.Numerics;

namespace Differential.Core.Theory;

/// <summary>
/// The linear theory of Nar et al. 2019 on given points: the largest margin, the bound on cross-entropy's, and what
/// training with either loss reaches.
/// </summary>
public static class TheoryExperiment
{
    public const string CrossEntropy = "crossEntropy";
    public const string CrossEntropyCentered = "crossEntropyCentered";
    public const string CrossEntropyGradientDescent = "crossEntropyGradientDescent";
    public const string Differential = "differential";
    public const string DifferentialNormalized = "differentialNormalized";
    public const string DifferentialGradientDescent = "differentialGradientDescent";
    public const string DifferentialRandomPairs = "differentialRandomPairs";

    /// <summary>How many linear models are trained.</summary>
    public const int Trainings = 7;

    /// <param name="points">The training points; each step takes O(n·d), with the differential loss and all pairs also O(N·M).</param>
    /// <param name="options">How to train.</param>
    /// <param name="trained">Called after each training, for progress; null for none.</param>
    /// <param name="cancellationToken">Looked at before each step.</param>
    /// <exception cref="NotSeparableException">No hyperplane separates the classes.</exception>
    public static TheoryResult Run(
        LabeledPoints points, TheoryOptions options, Action<TheoryModel>? trained = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(options);
        SvmSolution svm = HardMarginSvm.Solve(points);
        SvmSolution limit = HardMarginSvm.SolveWithRegularizedBias(points);
        LabeledPoints centered = points.Centered();
        ConstantSubspace constant = ConstantSubspace.Find(points);
        LearningRates rates = options.Rates ?? LearningRates.For(points);
        LearningRates centeredRates = options.Rates ?? LearningRates.For(centered);
        LinearTrainerOptions pointwise = new()
        {
            Objective = LinearObjectiveKind.Pointwise,
            Optimizer = LinearOptimizer.NormalizedNesterov,
            LearningRate = rates.CrossEntropy,
            MaxIterations = options.MaxIterations,
            Milestones = [0.99 * svm.Margin, 0.999 * svm.Margin],
        };
        LinearTrainerOptions pairwise = pointwise with { Objective = LinearObjectiveKind.Differential, LearningRate = rates.Differential };
        LinearTrainerOptions descent = pairwise with { Optimizer = LinearOptimizer.GradientDescent, LearningRate = rates.DifferentialDescent };

        OrderedDictionary<string, TheoryModel> models = [];
        Train(CrossEntropy, points, pointwise);
        Train(CrossEntropyGradientDescent, points, pointwise with { Optimizer = LinearOptimizer.GradientDescent, LearningRate = rates.CrossEntropyDescent });
        Train(CrossEntropyCentered, centered, pointwise with { LearningRate = centeredRates.CrossEntropy });
        Train(Differential, points, pairwise with { TargetMargin = options.TargetShare * svm.Margin });
        Train(DifferentialNormalized, points, pairwise with { Optimizer = LinearOptimizer.NormalizedGradient });
        Train(DifferentialGradientDescent, points, descent);
        Train(DifferentialRandomPairs, points, descent with { RandomPairs = options.RandomPairs, Seed = options.Seed });

        return new TheoryResult(
            svm.Margin,
            svm.RelativeGap,
            svm.Separator,
            constant,
            limit.Margin,
            limit.Separator.Bias,
            BoundaryBound.Of(svm.Margin, limit.Separator.Bias, constant),
            HardMarginSvm.SolveWithRegularizedBias(centered).Margin,
            models);

        void Train(string name, LabeledPoints data, LinearTrainerOptions training)
        {
            LinearTrainingResult result = LinearTrainer.Train(data, training, cancellationToken);
            LinearSeparator separator = ReferenceEquals(data, centered) ? Uncentered(result.Separator, points.Mean()) : result.Separator;
            TheoryModel model = new(
                name,
                training.LearningRate,
                result.Margin,
                result.Margin / svm.Margin,
                result.Iterations,
                result.StepsToMilestones[0],
                result.StepsToMilestones[1],
                result.LogLoss,
                separator.Direction(),
                separator.Threshold(),
                result.Curve);
            models.Add(name, model);
            trained?.Invoke(model);
        }
    }

    // w·(x − mean) + b as a model of x.
    private static LinearSeparator Uncentered(LinearSeparator separator, double[] mean)
        => separator with { Bias = separator.Bias - VectorMath.Dot(separator.Weights, mean) };
}
