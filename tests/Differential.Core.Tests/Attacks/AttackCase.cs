using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>A model, samples, and attacks on them, in one line.</summary>
internal static class AttackCase
{
    /// <summary>A linear model of points.</summary>
    public static LinearScoreModel Linear(float[] weight, double bias = 0, float scale = 1, int maxBatch = 64) =>
        new(new Shape(weight.Length), weight, bias, maxBatch, scale);

    /// <summary>Points, one row each: the label, then the features.</summary>
    public static Dataset Points(params float[][] rows) =>
        Dataset.OfPoints(rows[0].Length - 1, [.. rows.Select(row => (sbyte)row[0])], [.. rows.SelectMany(row => row[1..])]);

    /// <summary>The same with the labels that the model gives.</summary>
    public static Dataset Decided(HostScoreModel model, IEnumerable<float[]> points)
    {
        float[][] all = [.. points];
        return Dataset.OfPoints(all[0].Length, [.. all.Select(x => (sbyte)(model.Score(x) > model.Threshold ? 1 : -1))], [.. all.SelectMany(x => x)]);
    }

    public static SplitAttackResult Run(IScoreModel model, Dataset data, params AttackOptions[] attacks) =>
        AttackRunner.Run(model, data, new AttackRunOptions { Attacks = attacks, KeepAdversarial = true }, null, CancellationToken.None);

    /// <summary>The distance that an attack found for each sample of the data, in the data's order; null where none.</summary>
    public static double?[] Distances(SplitAttackResult result, int attack = 0)
    {
        var distances = new double?[result.Count];
        for (int i = 0; i < result.Attacked; i++)
        {
            distances[result.Samples[i].Index] = result.Attacks[attack].Found[i]?.In(result.Attacks[attack].Norm);
        }

        return distances;
    }

    /// <summary>Every minimum-norm attack, in each norm that it is for.</summary>
    public static IEnumerable<AttackOptions> MinimumNorm()
    {
        foreach (AttackNorm norm in AttackNormNames.Common)
        {
            yield return new DeepFoolOptions { Norm = norm };
            yield return new FabOptions { Norm = norm };
            yield return new FmnOptions { Norm = norm };
            yield return new HopSkipJumpOptions { Norm = norm };
        }

        yield return new FmnOptions { Norm = AttackNorm.L1 };
        yield return new CarliniWagnerOptions();
    }

    /// <summary>Every attack that follows budgets, in each norm, with one budget.</summary>
    public static IEnumerable<FixedBudgetOptions> FixedBudget(double epsilon)
    {
        foreach (AttackNorm norm in AttackNormNames.Common)
        {
            yield return new FgsmOptions { Norm = norm, Epsilons = [epsilon] };
            yield return new PgdOptions { Norm = norm, Epsilons = [epsilon] };
            yield return new ApgdOptions { Norm = norm, Epsilons = [epsilon] };
            yield return new SquareOptions { Norm = norm, Epsilons = [epsilon] };
            yield return new NoiseOptions { Norm = norm, Epsilons = [epsilon] };
            yield return new SuiteOptions { Norm = norm, Epsilons = [epsilon] };
        }
    }
}
