using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Attacks;

/// <summary>Neither the scale of the inputs nor that of the scores moves a result: on linear models, whose distances are known.</summary>
public sealed class ScaleTests
{
    public static TheoryData<string, int, float, float> Models()
    {
        var table = new TheoryData<string, int, float, float>();
        foreach (string attack in AttackCase.MinimumNorm().Select(Name).Distinct())
        {
            foreach ((int dimension, float inputs, float scores) in ((int, float, float)[])[
                (1, 1e-6f, 1), (1, 1, 1e6f), (2, 1, 1), (2, 1e6f, 1e-6f), (3, 1e-3f, 1e6f), (3, 1e3f, 1e-6f), (7, 1e-6f, 1e-6f), (13, 1e6f, 1e6f), (13, 1e-6f, 1)])
            {
                table.Add(attack, dimension, inputs, scores);
            }
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void MinimumNorm_AnyScale_FindsTheExactDistance(string attack, int dimension, float inputs, float scores)
    {
        AttackOptions options = AttackCase.MinimumNorm().Single(candidate => Name(candidate) == attack);
        (LinearScoreModel model, Dataset data) = Generate(dimension, inputs, scores);
        using LinearScoreModel owned = model;
        SplitAttackResult result = AttackCase.Run(model, data, options);
        double tolerance = options switch { HopSkipJumpOptions => 0.02, CarliniWagnerOptions => 5e-3, _ => 1e-4 };
        double?[] found = AttackCase.Distances(result);
        for (int i = 0; i < data.Count; i++)
        {
            double exact = Exact(model, data, i, options.Norm);
            double distance = Assert.NotNull(found[i]);
            Assert.InRange(distance, exact * (1 - 1e-5), (exact * (1 + tolerance)) + (1e-6 * inputs));
        }
    }

    public static TheoryData<int, float, float> Scales => new() { { 1, 1e-6f, 1 }, { 2, 1e6f, 1e-6f }, { 5, 1e-6f, 1e6f }, { 13, 1e5f, 1 } };

    [Theory]
    [MemberData(nameof(Scales))]
    public void FixedBudget_AnyScale_FlipsExactlyWhatLiesWithin(int dimension, float inputs, float scores)
    {
        (LinearScoreModel model, Dataset data) = Generate(dimension, inputs, scores);
        using LinearScoreModel owned = model;
        foreach (AttackNorm norm in AttackNormNames.Common)
        {
            double[] exact = [.. Enumerable.Range(0, data.Count).Select(i => Exact(model, data, i, norm))];
            double epsilon = exact.Order().ElementAt(exact.Length / 2) * 1.01;
            foreach (FixedBudgetOptions options in AttackCase.FixedBudget(epsilon).Where(o => o.Norm == norm))
            {
                SplitAttackResult result = AttackCase.Run(model, data, options);
                for (int i = 0; i < result.Attacked; i++)
                {
                    double distance = exact[result.Samples[i].Index];
                    if (distance > epsilon * (1 + 1e-6))
                    {
                        Assert.False(result.Attacks[0].Flipped[i], $"{options.Name} flips beyond {distance / epsilon}");
                    }
                    else if (options is ApgdOptions or SuiteOptions && distance < epsilon * 0.995)
                    {
                        Assert.True(result.Attacks[0].Flipped[i], $"{options.Name} misses {distance / epsilon}");
                    }
                }
            }
        }
    }

    [Fact]
    public void CarliniWagner_FarFromTheBoundary_FindsTheDistance()
    {
        using LinearScoreModel model = AttackCase.Linear([1, 0]);
        double?[] found = AttackCase.Distances(AttackCase.Run(model, AttackCase.Points([1, 100, 0], [-1, -0.01f, 5]), new CarliniWagnerOptions()));
        Assert.InRange(found[0]!.Value, 100, 100.01);
        Assert.InRange(found[1]!.Value, 0.01, 0.010001);
    }

    // 1 − 10·relu(x) + 9.9·relu(x − 0.09): falls to 0.1 at once, and from there slowly to 0 at 1.09, eleven times as far as its slope says.
    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(1e-6, 0.1)]
    [InlineData(1e6, 0.001)]
    [InlineData(1, 1e-5)]
    public void MinimumNorm_FartherThanTheSlopeSays_IsFound(double scale, double slow)
    {
        double zero = 0.09 + (0.1 / slow);
        using var model = new FunctionScoreModel(
            x => x < 0 ? 1 : x / scale < 0.09 ? 1 - (10 * x / scale) : 0.1 - (slow * ((x / scale) - 0.09)),
            x => (x < 0 ? 0 : x / scale < 0.09 ? -10 : -slow) / scale);

        // Adam remembers the slope at the sample: where it falls to a millionth of that, its steps are too short.
        foreach (AttackOptions options in AttackCase.MinimumNorm().Where(options => slow > 1e-4 || options is not CarliniWagnerOptions))
        {
            SplitAttackResult result = AttackCase.Run(model, AttackCase.Points([1, (float)(0.001 * scale)], [1, (float)(0.01 * scale)], [-1, (float)(3 * zero * scale)]), options);
            double?[] found = AttackCase.Distances(result);
            Assert.True(found[0] is not null && found[1] is not null, $"{options.Name} {options.Norm}: {found[0]}, {found[1]} of {zero * scale}");
            Assert.InRange(Assert.NotNull(found[0]) / scale, (zero - 0.001) * 0.999, (zero - 0.001) * 1.02);
            Assert.InRange(Assert.NotNull(found[1]) / scale, (zero - 0.01) * 0.999, (zero - 0.01) * 1.02);
        }
    }

    // A linear score, and a budget far beyond each sample's distance: random search has to find it in few dimensions too.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Square_FewDimensions_FindsWhatLiesFarWithin(int dimension)
    {
        for (int number = 0; number < 20; number++)
        {
            var random = new RandomStream(42, "square", number);
            using LinearScoreModel model = AttackCase.Linear([.. Enumerable.Range(0, dimension).Select(i => number % 4 == 0 ? 1f : number % 4 == 1 ? MathF.Pow(0.3f, i) : (float)random.NextNormal())], 0.1);
            Dataset data = AttackCase.Decided(model, Enumerable.Range(0, 10).Select(_ => Enumerable.Range(0, dimension).Select(_ => (float)random.NextNormal()).ToArray()));
            foreach (AttackNorm norm in AttackNormNames.Common)
            {
                double farthest = Enumerable.Range(0, data.Count).Max(i => Exact(model, data, i, norm));
                foreach (double factor in (double[])[1.5, 10, 1e5])
                {
                    SplitAttackResult result = AttackCase.Run(model, data, new SquareOptions { Norm = norm, Epsilons = [factor * farthest] });
                    Assert.Equal(result.Attacked, result.Attacks[0].FlippedCount);
                }
            }
        }
    }

    private static string Name(AttackOptions options) => $"{options.Name}/{options.Norm}";

    private static (LinearScoreModel Model, Dataset Data) Generate(int dimension, float inputs, float scores)
    {
        var random = new RandomStream(41, $"scale/{dimension}/{inputs}/{scores}");
        float[] weight = [.. Enumerable.Range(0, dimension).Select(_ => (float)random.NextNormal())];
        weight[0] += weight[0] < 0 ? -0.5f : 0.5f;
        LinearScoreModel model = AttackCase.Linear(weight, 0.3 * inputs, scores / inputs);
        float[][] points = [.. Enumerable.Range(0, 12).Select(_ => Enumerable.Range(0, dimension).Select(_ => inputs * (float)random.NextNormal()).ToArray())];
        return (model, AttackCase.Decided(model, points));
    }

    private static double Exact(LinearScoreModel model, Dataset data, int index, AttackNorm norm)
    {
        var x = new float[data.SampleShape.Length];
        data.Sample(index, x);
        double dual = norm switch
        {
            AttackNorm.L2 => Math.Sqrt(model.Weight.Sum(w => (double)w * w)),
            AttackNorm.Linf => model.Weight.Sum(w => (double)Math.Abs(w)),
            _ => model.Weight.Max(w => (double)Math.Abs(w)),
        };
        return Math.Abs(model.Linear(x)) / dual;
    }
}
