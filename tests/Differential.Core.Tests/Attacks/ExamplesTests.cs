using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Attacks;

/// <summary>The smallest flips that a run keeps to be looked at.</summary>
public sealed class ExamplesTests
{
    public static TheoryData<AttackOptions> Attacks => new()
    {
        new PgdOptions { Norm = AttackNorm.L2, Epsilons = [0.35, 0.15], Steps = 20 },
        new SuiteOptions { Norm = AttackNorm.L2, Epsilons = [0.15, 0.35] },
        new DeepFoolOptions(),
        new FabOptions(),
    };

    // Distances 0, 0.1, 0.2, … to the boundary x = 0.
    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_KeepsTheNearestFlips(AttackOptions attack)
    {
        using LinearScoreModel model = AttackCase.Linear([1, 0]);
        Dataset data = AttackCase.Points([.. Enumerable.Range(0, 12).Select(static i => new[] { i % 2 == 0 ? 1f : -1f, (i % 2 == 0 ? 0.05f : -0.05f) * (i + 1), 3f })]);
        SplitAttackResult result = AttackRunner.Run(model, data, new AttackRunOptions { Attacks = [attack], Examples = 3 }, null, CancellationToken.None);

        AttackResult last = result.Attacks[^1];
        Assert.All(result.Attacks.SkipLast(1), static outcome => Assert.Empty(outcome.Examples));
        Assert.Equal(3, last.Examples.Count);
        Assert.Equal(last.Examples.Select(static example => example.Distances.L2).Order(), last.Examples.Select(static example => example.Distances.L2));
        double nearest = Enumerable.Range(0, result.Attacked).Min(i => last.Found[i]?.L2 ?? double.PositiveInfinity);
        Assert.Equal(nearest, last.Examples[0].Distances.L2);
        foreach (AdversarialExample example in last.Examples)
        {
            AttackedSample sample = result.Samples[example.Position];
            Assert.Equal(last.Found[example.Position], example.Distances);
            float score = example.Input[0];
            Assert.Equal(sample.Label * score, example.Margin, 1e-6);
            Assert.True(example.Margin <= 0);
            Assert.Equal(sample.Label > 0 ? 1 : 0, example.Decided);
            var clean = new float[2];
            data.Sample(sample.Index, clean);
            Assert.Equal(FlipDistances.Between([.. example.Input], clean), example.Distances);
        }
    }

    [Fact]
    public void Run_OfMoreThanABatch_TakesThemFromAllBatches()
    {
        using LinearScoreModel model = AttackCase.Linear([1, 0], maxBatch: 3);
        Dataset data = AttackCase.Points([.. Enumerable.Range(0, 12).Select(static i => new[] { i % 2 == 0 ? 1f : -1f, (i % 2 == 0 ? 0.05f : -0.05f) * (i + 1), 3f })]);
        SplitAttackResult result = AttackRunner.Run(model, data, new AttackRunOptions { Attacks = [new DeepFoolOptions()], Examples = 8 }, null, CancellationToken.None);
        AttackResult outcome = Assert.Single(result.Attacks);
        Assert.Equal(Enumerable.Range(0, 8), outcome.Examples.Select(example => result.Samples[example.Position].Index));
        Assert.Null(outcome.Adversarial);
    }

    [Fact]
    public void Run_ASampleOnTheBoundary_IsNoExample()
    {
        using LinearScoreModel model = AttackCase.Linear([1, 0]);
        Dataset level = AttackCase.Points([[1, 0.1f, 0], [-1, -0.1f, 0], [-1, 0, 0]]);
        AttackResult outcome = AttackRunner.Run(model, level, new AttackRunOptions { Attacks = [new DeepFoolOptions()], Examples = 5 }, null, CancellationToken.None).Attacks[0];

        // The sample on the boundary flips without a change: there is nothing to look at.
        Assert.Equal(3, outcome.FlippedCount);
        Assert.Equal(2, outcome.Examples.Count);
        Assert.Empty(AttackRunner.Run(model, level, new AttackRunOptions { Attacks = [new DeepFoolOptions()] }, null, CancellationToken.None).Attacks[0].Examples);
    }
}
