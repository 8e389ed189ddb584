using Differential.Core.Data;
using Differential.Core.Theory;
using Differential.Kernels.Losses;

namespace Differential.Core.Tests.Theory;

public sealed class LinearObjectiveTests
{
    /// <summary>Surrogate, pairwise or pointwise, scale of the parameters: small, and where losses leave the range of doubles.</summary>
    public static TheoryData<Surrogate, bool, double> Gradients
    {
        get
        {
            TheoryData<Surrogate, bool, double> rows = [];
            foreach (bool pairwise in new[] { false, true })
            {
                rows.Add(Surrogate.Logistic, pairwise, 0.3);
                rows.Add(Surrogate.Logistic, pairwise, 3000);
                rows.Add(Surrogate.Logistic, pairwise, -3000);
                rows.Add(Surrogate.Exponential, pairwise, 0.3);
                rows.Add(Surrogate.Exponential, pairwise, 3000);
                rows.Add(Surrogate.Exponential, pairwise, -3000);
                rows.Add(Surrogate.Squared, pairwise, 0.3);
                rows.Add(Surrogate.Hinge, pairwise, 0.3);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Gradients))]
    public void Evaluate_LogLossGradient_EqualsFiniteDifferences(Surrogate surrogate, bool pairwise, double scale)
    {
        LabeledPoints points = Samples.Cube(9, 3, 3, 5);
        LinearObjective objective = pairwise ? new PairwiseObjective(points, surrogate, null, 1) : new PointwiseObjective(points, surrogate);
        double[] parameters = [.. Enumerable.Range(0, objective.ParameterCount).Select(k => k == 0 ? scale : 0.1 * scale / k)];
        objective.Evaluate(parameters);
        double[] gradient = [.. objective.Gradient.Select(value => value / objective.Loss)];
        for (int k = 0; k < parameters.Length; k++)
        {
            const double Step = 1e-5;
            double difference = (LogLoss(objective, parameters, k, Step) - LogLoss(objective, parameters, k, -Step)) / (2 * Step);
            Assert.Equal(difference, gradient[k], 2e-6 * Math.Max(1, Math.Abs(difference)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-3)]
    [InlineData(2)]
    [InlineData(40)]
    [InlineData(900)]
    public void Evaluate_OnePair_HasTheExactLogarithm(double difference)
    {
        PairwiseObjective objective = new(new LabeledPoints([[difference], [0]], [1, -1]), Surrogate.Logistic, null, 1);
        objective.Evaluate([1]);
        double expected = difference > 36 ? -difference : Math.Log(Math.Log(1 + Math.Exp(-difference)));
        Assert.Equal(expected, Math.Log(objective.Loss) - objective.Shift, 1e-9 * Math.Max(1, Math.Abs(expected)));
    }

    [Fact]
    public void Evaluate_SecondTime_AllocatesNothing()
    {
        PairwiseObjective objective = new(Samples.Cube(40, 5, 3, 1), Surrogate.Logistic, null, 1);
        double[] parameters = [1, 0, 0, 0, 0];
        objective.Evaluate(parameters);
        long before = GC.GetAllocatedBytesForCurrentThread();
        objective.Evaluate(parameters);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static double LogLoss(LinearObjective objective, double[] parameters, int index, double step)
    {
        double[] moved = [.. parameters];
        moved[index] += step;
        objective.Evaluate(moved);
        return Math.Log(objective.Loss) - objective.Shift;
    }
}
