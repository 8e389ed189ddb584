using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Attacks;

/// <summary>HopSkipJump in few dimensions, and apart from the other samples of a run.</summary>
public sealed class HopSkipJumpTests
{
    public static TheoryData<int, AttackNorm> Dimensions()
    {
        var table = new TheoryData<int, AttackNorm>();
        foreach (int dimension in (int[])[1, 2, 3, 5])
        {
            table.Add(dimension, AttackNorm.L2);
            table.Add(dimension, AttackNorm.Linf);
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Dimensions))]
    public void FewDimensions_FindTheDistance(int dimension, AttackNorm norm)
    {
        var random = new RandomStream(19, $"few/{dimension}");
        float[] weight = [.. Enumerable.Range(0, dimension).Select(_ => (float)random.NextNormal())];
        using LinearScoreModel model = AttackCase.Linear(weight, 0.2);
        Dataset data = AttackCase.Decided(model, Enumerable.Range(0, 20).Select(_ => weight.Select(_ => (float)(4 * random.NextNormal())).ToArray()));
        double?[] found = AttackCase.Distances(AttackCase.Run(model, data, new HopSkipJumpOptions { Norm = norm }));
        double dual = norm == AttackNorm.L2 ? Math.Sqrt(weight.Sum(w => (double)w * w)) : weight.Sum(w => (double)Math.Abs(w));
        double[] ratios = [.. found.Select((distance, i) => distance!.Value / (Math.Abs(model.Linear(data.Features.AsSpan(i * dimension, dimension))) / dual))];
        Assert.All(ratios, ratio => Assert.InRange(ratio, 1 - 1e-5, 1.02));
        Assert.True(ratios.Order().ElementAt(10) < 1.002, $"median {ratios.Order().ElementAt(10)}");
    }

    [Fact]
    public void Limit_MovesNoDistance()
    {
        LinearProblem problem = LinearProblem.InsideTheBox(30);
        using LinearScoreModel model = problem.Model();
        SplitAttackResult all = Run(null);
        SplitAttackResult few = Run(4);
        Assert.Equal(4, few.Attacked);
        Assert.Equal(all.Attacks[0].Distances!.Take(4), few.Attacks[0].Distances);

        SplitAttackResult Run(int? limit) => AttackRunner.Run(
            model, problem.Data, new AttackRunOptions { Attacks = [new HopSkipJumpOptions { Iterations = 5 }], Limit = limit }, null, CancellationToken.None);
    }
}
