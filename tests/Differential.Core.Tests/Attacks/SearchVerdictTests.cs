using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Tests.Training;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>Models whose search rounds otherwise than what decides: no verdict comes from the search.</summary>
public sealed class SearchVerdictTests
{
    /// <summary>A search that takes every input for flipped finds no flip where none is.</summary>
    [Fact]
    public void FixedBudget_SearchThatSeesFlipsEverywhere_FindsNone()
    {
        using LinearScoreModel model = AttackCase.Linear([3, -4]);
        Dataset data = AttackCase.Points([1, 1, 0], [-1, -1, 1], [1, 2, -2]);
        foreach (FixedBudgetOptions options in AttackCase.FixedBudget(0.05))
        {
            AttackResult result = AttackCase.Run(new NegatedSearch(model), data, options).Attacks[0];
            Assert.Equal(3, result.Flipped.Count);
            Assert.Equal(0, result.FlippedCount);
            Assert.Equal(0, result.Counters.Unverified);
        }
    }

    /// <summary>Nor does such a search shorten a distance: 1/5 of the score for L2, 1/7 for L∞, 1/4 for L1.</summary>
    [Fact]
    public void MinimumNorm_SearchThatSeesFlipsEverywhere_ShortensNoDistance()
    {
        using LinearScoreModel model = AttackCase.Linear([3, -4]);
        Dataset data = AttackCase.Points([1, 1, 0], [-1, -1, 1], [1, 2, -2]);
        foreach (AttackOptions options in AttackCase.MinimumNorm())
        {
            SplitAttackResult result = AttackCase.Run(new NegatedSearch(model), data, options);
            double?[] distances = AttackCase.Distances(result);
            for (int i = 0; i < data.Count; i++)
            {
                double exact = Math.Abs(model.Score(data.Features.AsSpan(2 * i, 2))) / (options.Norm switch { AttackNorm.L2 => 5, AttackNorm.Linf => 7, _ => 4 });
                Assert.True(distances[i] is not { } found || found >= exact * (1 - 1e-5), $"{options.Name}, {options.Norm}: {distances[i]} where {exact} is right");
            }
        }
    }

    /// <summary>Attacks with fast convolutions: other inputs than direct ones, and every flip is one to a device with direct convolutions.</summary>
    [Fact]
    public void Network_FastConvolutions_EveryFlipHoldsDirectly()
    {
        DataSplits splits = ToyData.Images();
        using var fastDevice = new SimdDevice(threads: 2, maxVectorBits: 512, convolution: ConvolutionMethod.Fast);
        using var directDevice = new SimdDevice(threads: 2);
        using Network fast = ToyTraining.CreateNetwork(fastDevice, splits, FastConvolutionTrainingTests.Layers), direct = ToyTraining.CreateNetwork(directDevice, splits, FastConvolutionTrainingTests.Layers);
        using var observer = new RecordingObserver();
        Trainer.Run(direct, splits, ToyTraining.Options, null, observer, observer.Token);
        fast.ParameterValues.Write(direct.ParameterValues.ToArray());
        fast.Threshold = direct.Threshold;
        using NetworkPlan fastPlan = fast.Plan(16, PlanPurpose.Attack), directPlan = direct.Plan(16, PlanPurpose.Attack);
        Assert.True(fastPlan.SearchesApart);
        Assert.False(directPlan.SearchesApart);
        AttackOptions[] attacks = [.. AttackCase.FixedBudget(0.1), .. AttackCase.MinimumNorm().Where(static options => options is not HopSkipJumpOptions)];
        SplitAttackResult found = AttackCase.Run(fastPlan, splits.Test, attacks), expected = AttackCase.Run(directPlan, splits.Test, attacks);
        Assert.Equal(expected.Samples, found.Samples);
        using Tensor<float> row = directDevice.Allocate(splits.Test.SampleShape.Batched(1));
        int flips = 0, others = 0;
        for (int attack = 0; attack < found.Attacks.Count; attack++)
        {
            AttackResult result = found.Attacks[attack];
            Assert.InRange(result.FlippedCount, expected.Attacks[attack].FlippedCount - 2, expected.Attacks[attack].FlippedCount + 2);
            Assert.Equal(0, result.Counters.Unverified);
            for (int i = 0; i < found.Attacked; i++)
            {
                if (result.Adversarial![i] is { } input)
                {
                    var clean = new float[input.Length];
                    splits.Test.Sample(found.Samples[i].Index, clean);
                    row.Write(input);
                    float score = directPlan.Forward(row, 1).ToArray()[0] - direct.Threshold;
                    Assert.True(found.Samples[i].Label * score <= 0, $"{result.Kind}: {score}");
                    Assert.Equal(FlipDistances.Between(input, clean), result.Found[i]);
                    flips++;
                    others += expected.Attacks[attack].Adversarial![i] is { } other && !other.AsSpan().SequenceEqual(input) ? 1 : 0;
                }
            }
        }

        Assert.True(flips > 20 && others > 0, $"{flips} flips, {others} of them other inputs");
    }

    /// <summary>The model, whose search has every score turned round.</summary>
    private sealed class NegatedSearch(HostScoreModel model) : IScoreModel
    {
        private readonly float[] _values = new float[model.MaxBatch];

        public ComputeDevice Device => model.Device;

        public Shape SampleShape => model.SampleShape;

        public int MaxBatch => model.MaxBatch;

        public int Scores => 1;

        public IReadOnlyList<float> Thresholds => model.Thresholds;

        public bool SearchesApart => true;

        public Tensor<float> Forward(Tensor<float> x, int count) => model.Forward(x, count);

        public Tensor<float> Search(Tensor<float> x, int count)
        {
            Tensor<float> scores = model.Forward(x, count);
            Span<float> values = _values.AsSpan(0, count);
            scores.Read(values);
            foreach (ref float value in values)
            {
                value = -value;
            }

            scores.Write(values);
            return scores;
        }

        public Tensor<float> InputGradient(Tensor<float> dScores, int count) => model.InputGradient(dScores, count);
    }
}
