using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Layers;
using Differential.Core.Losses;

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
                CheckModel(train.Model!, train.Data, file);
                break;
            case AttackSpec attack:
                CheckData(attack.Data, file);
                break;
            case CompareSpec compare:
                CheckData(compare.Data, file);
                CheckModel(compare.Model!, compare.Data, file);
                CheckLosses(compare.Losses, file);
                break;
            case TheorySpec theory:
                CheckData(theory.Data, file);
                if (theory.Data is not (AffineOptions or PointsOptions))
                {
                    throw new InputException(file, "$.data.kind", "images in a theory job", "allowed: affine, points");
                }

                break;
        }
    }

    private static void CheckData(DataOptions data, string file)
    {
        if (data is Cifar10Options cifar && string.Equals(cifar.Positive, cifar.Negative, StringComparison.OrdinalIgnoreCase))
        {
            throw new InputException(file, "$.data.negative", $"the class '{cifar.Negative}', which is the positive one", "allowed: another class than positive");
        }
    }

    private static void CheckModel(ModelOptions model, DataOptions data, string file)
    {
        if (model is SmallOptions or CnnOptions && data is AffineOptions or PointsOptions)
        {
            throw new InputException(file, "$.model.kind", "a network for images, on points", "allowed: linear, or a network of dense and relu layers");
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
