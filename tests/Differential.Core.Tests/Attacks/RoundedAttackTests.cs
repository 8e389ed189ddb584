using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Attacks;

/// <summary>Where a flip counts only if the 8-bit rounded input flips too, searches look for such flips.</summary>
public sealed class RoundedAttackTests
{
    private const int Length = 32 * 32 * 3;

    public static TheoryData<string> Attacks => [.. AttackCase.MinimumNorm().Where(options => options is not HopSkipJumpOptions).Select(Name)];

    /// <summary>The mean grey level against 128.3: rounding moves all pixels alike. Bright images flip once below 128.3, dark ones once they round to 129.</summary>
    [Theory]
    [MemberData(nameof(Attacks))]
    public void UniformGrey_IsFoundAtTheRoundedDistance(string attack)
    {
        (byte Level, double Levels)[] cases = [(131, 2.7), (130, 1.7), (129, 0.7), (133, 4.7), (125, 3.5), (126, 2.5), (127, 1.5), (123, 5.5)];
        var shape = new Shape(32, 32, 3);
        using var model = new LinearScoreModel(shape, [.. Enumerable.Repeat(1f, Length)], -128.3 / 255 * Length, 8);
        Dataset data = Dataset.OfImages(shape, [.. cases.Select(c => (sbyte)(c.Level > 128 ? 1 : -1))], [.. cases.SelectMany(c => Enumerable.Repeat(c.Level, Length))]);
        AttackOptions options = AttackCase.MinimumNorm().Single(candidate => Name(candidate) == attack) with { Rounded = true };
        SplitAttackResult result = AttackCase.Run(model, data, options);
        Assert.Equal(cases.Length, result.Attacked);
        double?[] found = AttackCase.Distances(result);
        double unit = options.Norm switch { AttackNorm.L2 => Math.Sqrt(Length), AttackNorm.Linf => 1.0, _ => Length } / 255;

        // In L1 half a level of some pixels moves them by a whole one where inputs are rounded.
        double saved = options.Norm == AttackNorm.L1 ? 0.6 : 0.01;
        for (int i = 0; i < cases.Length; i++)
        {
            Assert.InRange(Assert.NotNull(found[i]) / unit, cases[i].Levels - saved, cases[i].Levels + (options is CarliniWagnerOptions ? 0.2 : 0.02));
        }

        AssertFlipsRounded(model, result);
    }

    /// <summary>A boundary next to a level: the inputs just beyond it are rounded back to the level before, by however little the score misses.</summary>
    [Theory]
    [MemberData(nameof(Attacks))]
    public void UniformGrey_NextToALevel_IsFoundAtTheRoundedDistance(string attack)
    {
        var shape = new Shape(8, 8, 3);
        AttackOptions options = AttackCase.MinimumNorm().Single(candidate => Name(candidate) == attack) with { Rounded = true };
        foreach (double threshold in (double[])[128.001, 128.0001, 127.999, 128.3, 128.49, 127.501])
        {
            byte[] levels = [.. Enumerable.Range(120, 17).Select(static level => (byte)level)];
            using var model = new LinearScoreModel(shape, [.. Enumerable.Repeat(1f, shape.Length)], -threshold / 255 * shape.Length, 32);
            Dataset data = Dataset.OfImages(shape, [.. levels.Select(level => (sbyte)(level > threshold ? 1 : -1))], [.. levels.SelectMany(level => Enumerable.Repeat(level, shape.Length))]);
            SplitAttackResult result = AttackCase.Run(model, data, options);
            double?[] found = AttackCase.Distances(result);
            for (int i = 0; i < levels.Length; i++)
            {
                Assert.True(found[i] is not null, $"level {levels[i]} against {threshold}");
                double distance = found[i]!.Value;

                // The first level on the other side, and from the sample to where it begins.
                double to = levels[i] > threshold ? Math.Ceiling(threshold) - 1 : Math.Floor(threshold) + 1;
                double exact = Math.Max(Math.Abs(to - levels[i]) - 0.5, Math.Abs(threshold - levels[i])) / 255;
                if (options.Norm == AttackNorm.Linf)
                {
                    Assert.InRange(distance, exact * 0.99, (exact * 1.02) + 1e-5);
                }
            }

            AssertFlipsRounded(model, result);
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void CurvedModel_FindsWhatIsFoundUnrounded(string attack)
    {
        var shape = new Shape(6, 6, 1);
        using var model = new TanhScoreModel(shape, 12, 5, maxBatch: 40);
        var random = new RandomStream(5, "rounded");
        byte[] pixels = [.. Enumerable.Range(0, 40 * shape.Length).Select(_ => (byte)random.NextInt32(256))];
        sbyte[] labels = [.. pixels.Chunk(shape.Length).Select(image => (sbyte)(model.Score([.. image.Select(value => value / 255f)]) > 0 ? 1 : -1))];
        AttackOptions options = AttackCase.MinimumNorm().Single(candidate => Name(candidate) == attack);
        SplitAttackResult result = AttackCase.Run(model, Dataset.OfImages(shape, labels, pixels), options, options with { Rounded = true });
        Assert.Equal(result.Attacks[0].FlippedCount, result.Attacks[1].FlippedCount);
        Assert.Equal(result.Attacked, result.Attacks[1].FlippedCount);
        AssertFlipsRounded(model, result with { Attacks = [result.Attacks[1]] });
    }

    /// <summary>In float64 and in float32: no value lies where the two round apart.</summary>
    private static void AssertFlipsRounded(HostScoreModel model, SplitAttackResult result)
    {
        for (int i = 0; i < result.Attacked; i++)
        {
            if (result.Attacks[0].Adversarial![i] is not { } input)
            {
                continue;
            }

            bool positive = result.Samples[i].Label > 0;
            Assert.NotEqual(positive, model.Score(input) > 0);
            Assert.NotEqual(positive, model.Score([.. input.Select(value => (float)(Math.Round((double)value * 255) / 255))]) > 0);
            Assert.NotEqual(positive, model.Score([.. input.Select(value => MathF.Round(value * 255f) / 255f)]) > 0);
            Assert.NotEqual(positive, model.Score([.. input.Select(value => (float)(Math.Floor(((double)value * 255) + 0.5) / 255))]) > 0);
        }
    }

    private static string Name(AttackOptions options) => $"{options.Name}/{options.Norm}";
}
