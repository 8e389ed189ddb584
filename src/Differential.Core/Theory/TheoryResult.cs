namespace Differential.Core.Theory;

/// <summary>One trained model of a theory experiment.</summary>
/// <param name="Name">Its name in the result.</param>
/// <param name="LearningRate">The rate it was trained with.</param>
/// <param name="Margin">The smallest signed distance of a point to its boundary.</param>
/// <param name="MarginRatio"><paramref name="Margin"/> over the SVM's.</param>
/// <param name="Iterations">Steps done.</param>
/// <param name="StepsTo99">First iteration of at least 99 % of the SVM's margin; null where it was not reached.</param>
/// <param name="StepsTo999">The same, 99.9 %.</param>
/// <param name="LogLoss">Natural logarithm of the last mean loss.</param>
/// <param name="Direction">w / ‖w‖, [d].</param>
/// <param name="Threshold">On the scores of <paramref name="Direction"/>: positive class above it.</param>
/// <param name="Curve">Margin against iterations.</param>
public sealed record TheoryModel(
    string Name,
    double LearningRate,
    double Margin,
    double MarginRatio,
    int Iterations,
    int? StepsTo99,
    int? StepsTo999,
    double LogLoss,
    double[] Direction,
    double Threshold,
    IReadOnlyList<MarginPoint> Curve);

/// <summary>What the linear theory says of a data set, and what training reached on it.</summary>
/// <param name="SvmMargin">γ, the largest margin.</param>
/// <param name="SvmRelativeGap">No hyperplane has a margin larger by more than this share.</param>
/// <param name="Svm">The hyperplane of largest margin.</param>
/// <param name="Constant">The directions along which all points agree, with ΣΔ².</param>
/// <param name="CrossEntropyLimit">Margin of the minimum of ‖w‖² + b², to which cross-entropy's training converges.</param>
/// <param name="Bias">B, the bias of that minimum, scaled so that the smallest y(w·x + b) is 1.</param>
/// <param name="BoundaryBound">The theorem's bound of <paramref name="CrossEntropyLimit"/>; null where no direction is constant.</param>
/// <param name="CenteredLimit">Cross-entropy's limit once the points' mean is taken away.</param>
/// <param name="Models">The trained models by name, in the order of training.</param>
public sealed record TheoryResult(
    double SvmMargin,
    double SvmRelativeGap,
    LinearSeparator Svm,
    ConstantSubspace Constant,
    double CrossEntropyLimit,
    double Bias,
    double? BoundaryBound,
    double CenteredLimit,
    IReadOnlyDictionary<string, TheoryModel> Models);
