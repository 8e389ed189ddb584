using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Optimizers;
using Differential.Kernels.Losses;

namespace Differential.Service.Jobs.Reading;

/// <summary>The rules between a job's fields that need no file to be opened.</summary>
internal static class JobRules
{
    /// <exception cref="InputException">The first rule that the job breaks.</exception>
    public static void Check(JobSpec spec, string file)
    {
        switch (spec)
        {
            case TrainSpec train:
                CheckData(train.Data, file);
                CheckTraining(train, "$", file);
                CheckClasses(train, "$.loss", "$.batchSize", file);
                break;
            case AttackSpec attack:
                CheckData(attack.Data, file);
                break;
            case CompareSpec compare:
                CheckData(compare.Data, file);
                CheckCompare(compare, file);
                break;
            case SweepSpec sweep:
                SweepExpansion.Expand(sweep, file);
                break;
            case TheorySpec theory:
                CheckData(theory.Data, file);
                if (theory.Data is not (AffineOptions or PointsOptions))
                {
                    throw new InputException(file, "$.data.kind", "images in a theory job", "allowed: affine, points");
                }

                if (theory.Data.ClassCount > 2)
                {
                    throw new InputException(file, "$.data.classes", $"{theory.Data.ClassCount} classes in a theory job", "allowed: 2");
                }

                break;
        }
    }

    private static void CheckData(DataOptions data, string file)
    {
        if (data is Cifar10Options cifar)
        {
            CheckCifar(cifar, file);
        }

        if (data is ShapesOptions { ClassCount: > 2 } shapes && shapes.Count < 4 * shapes.ClassCount)
        {
            throw new InputException(file, "$.data.count", $"the number {shapes.Count}", $"allowed: a whole number of at least {4 * shapes.ClassCount}, so that each class has a test image");
        }
    }

    private static void CheckCifar(Cifar10Options cifar, string file)
    {
        if (cifar.Classes is null)
        {
            if (cifar.Positive is null || cifar.Negative is null)
            {
                throw new InputException(file, "$.data", $"the field '{(cifar.Positive is null ? "positive" : "negative")}' is missing", "allowed: positive and negative, or classes");
            }

            if (string.Equals(cifar.Positive, cifar.Negative, StringComparison.OrdinalIgnoreCase))
            {
                throw new InputException(file, "$.data.negative", "the same class as positive", "allowed: another class");
            }

            return;
        }

        if (cifar.Positive is not null || cifar.Negative is not null)
        {
            throw new InputException(file, "$.data.classes", "classes beside positive or negative", "allowed: positive and negative, or classes");
        }

        CheckUnique(
            cifar.Classes.Select(name => name.Text.ToUpperInvariant()), file, i => $"$.data.classes[{i}]", "a class that is already in the list", "allowed: each class once");
        foreach ((string field, int? limit) in ((string, int?)[])[("trainLimit", cifar.TrainLimit), ("testLimit", cifar.TestLimit)])
        {
            if (limit < cifar.Classes.Count)
            {
                throw new InputException(file, $"$.data.{field}", $"the number {limit}", $"allowed: a whole number of at least {cifar.Classes.Count}, one for each class");
            }
        }
    }

    /// <summary>What trainings of three classes or more can't do.</summary>
    private static void CheckClasses(TrainSpec train, string lossPlace, string batchSizePlace, string file)
    {
        int classes = train.Data.ClassCount;
        if (classes > 2 && train.Loss is DifferentialOptions { Pairs: PairSelection.Matched })
        {
            throw new InputException(file, $"{lossPlace}.pairs", $"matched pairs with {classes} classes", "allowed: all; matched with two classes");
        }

        if (train.BatchSize < classes && train.Optimizer is not NormalizedGradientOptions)
        {
            throw new InputException(file, batchSizePlace, $"the number {train.BatchSize}", $"allowed: a whole number of at least {classes}, one for each class");
        }
    }

    private static void CheckTraining(TrainSpec train, string place, string file)
    {
        bool points = train.Data is AffineOptions or PointsOptions;
        if (train.Model?.TakesImagesOnly() == true && points)
        {
            throw new InputException(file, $"{place}.model.kind", "a network for images, on points", "allowed: linear, or a network of dense and relu layers");
        }

        if (train.Augment is not null && points)
        {
            throw new InputException(file, $"{place}.augment", "changes of images, on points", "allowed: none, on points");
        }

        if (train.Optimizer is NormalizedGradientOptions && train.Model?.LayerList.Any(static layer => layer?.NeedsBatches() == true) == true)
        {
            throw new InputException(
                file, $"{place}.model", "layers that work on batches (batchNorm, dropout), with an optimizer that takes the whole training set", "allowed: none with normalizedGradient");
        }

        if (train.Optimizer is NormalizedGradientOptions && (train.Adversarial is not null || train.Augment is not null))
        {
            throw new InputException(
                file,
                train.Adversarial is not null ? $"{place}.adversarial" : $"{place}.augment",
                "a change of batches, with an optimizer that takes the whole training set",
                "allowed: none with normalizedGradient");
        }
    }

    private static void CheckCompare(CompareSpec compare, string file)
    {
        if (compare.Losses is not null && compare.Entries is not null)
        {
            throw new InputException(file, "$.entries", "entries beside losses", "allowed: one of losses, entries");
        }

        CheckUnique(compare.Entries?.Select(e => e.Name), file, i => $"$.entries[{i}].name", "a name that is already in the list", "allowed: each name once");
        CheckUnique(compare.Seeds, file, i => $"$.seeds[{i}]", "a seed that is already in the list", "allowed: each seed once");
        CheckLosses(compare.Losses ?? [], file);
        IReadOnlyList<CompareRun> runs = compare.Runs();
        for (int i = 0; i < runs.Count; i++)
        {
            int entry = i / (compare.Seeds?.Count ?? 1);
            CheckTraining(runs[i].Training, runs[i].Place, file);
            CheckClasses(
                runs[i].Training,
                compare.Entries is null ? $"$.losses[{entry}]" : $"{runs[i].Place}.loss",
                compare.Entries?[entry].BatchSize is null ? "$.batchSize" : $"{runs[i].Place}.batchSize",
                file);
        }
    }

    private static void CheckUnique<T>(IEnumerable<T>? values, string file, Func<int, string> place, string found, string allowed)
    {
        HashSet<T> seen = [];
        int index = 0;
        foreach (T value in values ?? [])
        {
            if (!seen.Add(value))
            {
                throw new InputException(file, place(index), found, allowed);
            }

            index++;
        }
    }

    private static void CheckLosses(IReadOnlyList<LossOptions> losses, string file)
    {
        for (int i = 0; i < losses.Count; i++)
        {
            if (losses.Take(i).Contains(losses[i]))
            {
                throw new InputException(file, $"$.losses[{i}]", "a loss that is already in the list", "allowed: each loss once");
            }
        }
    }
}
