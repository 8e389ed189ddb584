using Differential.Core;
using Differential.Core.Losses;
using Differential.Core.Optimizers;
using Differential.Kernels.Losses;

namespace Differential.Service.Jobs;

/// <summary>The rules between a training's fields that need no file to be opened.</summary>
internal static class TrainingRules
{
    /// <param name="train">The training.</param>
    /// <param name="place">The object that its model, adversarial training and augmentation stand in.</param>
    /// <param name="lossPlace">Its loss.</param>
    /// <param name="batchSizePlace">Its batch size.</param>
    /// <param name="mistakes">Gets what is broken.</param>
    public static void Check(TrainSpec train, string place, string lossPlace, string batchSizePlace, InputMistakes mistakes)
    {
        bool points = !train.Data.IsImages;
        if (points && train.Model?.TakesImagesOnly() == true)
        {
            mistakes.Add($"{place}.model.kind", "a network for images, on points", "linear, or a network of dense and relu layers");
        }

        if (train.Augment is not null && points)
        {
            mistakes.Add($"{place}.augment", "changes of images, on points", "none, on points");
        }

        if (train.Optimizer is NormalizedGradientOptions && train.Model?.LayerList.Any(static layer => layer?.NeedsBatches() == true) == true)
        {
            mistakes.Add($"{place}.model", "layers that work on batches (batchNorm, dropout), with an optimizer that takes the whole training set", "none with normalizedGradient");
        }

        if (train.Optimizer is NormalizedGradientOptions && (train.Adversarial is not null || train.Augment is not null))
        {
            mistakes.Add(
                train.Adversarial is not null ? $"{place}.adversarial" : $"{place}.augment",
                "a change of batches, with an optimizer that takes the whole training set",
                "none with normalizedGradient");
        }

        if (train.Adversarial is { } adversarial)
        {
            BudgetRules.Check(adversarial.Norm, adversarial.Epsilon, $"{place}.adversarial.epsilon", train.Data, mistakes);
        }

        if (train.Optimizer is NormalizedGradientOptions && train.Loss is HkrOptions or DifferentialOptions { Surrogate: Surrogate.Linear })
        {
            mistakes.Add(lossPlace, "a loss that can be below 0, with an optimizer that divides by it", "losses without a linear part with normalizedGradient");
        }

        CheckClasses(train, lossPlace, batchSizePlace, mistakes);
    }

    /// <summary>What trainings of three classes or more can't do.</summary>
    private static void CheckClasses(TrainSpec train, string lossPlace, string batchSizePlace, InputMistakes mistakes)
    {
        int classes = train.Data.ClassCount;
        if (train.Loss is PointwiseLossOptions { ClassWeights.Numbers: { } weights } && weights.Count != classes)
        {
            mistakes.Add($"{lossPlace}.classWeights", $"a list of {weights.Count} weights for {classes} classes", $"equal, or {classes} numbers");
        }

        if (classes > 2 && train.Loss is DifferentialOptions { Pairs: PairSelection.Matched })
        {
            mistakes.Add($"{lossPlace}.pairs", $"matched pairs with {classes} classes", "all; matched with two classes");
        }

        if (train.BatchSize < classes && train.Optimizer is not NormalizedGradientOptions)
        {
            mistakes.Add(batchSizePlace, $"the number {train.BatchSize}", $"a whole number of at least {classes}, one for each class");
        }
    }
}
