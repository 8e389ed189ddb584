using Differential.Kernels.Devices;
using Differential.Kernels.Rows;
using Differential.Kernels.Tests.Support;

namespace Differential.Kernels.Tests.Rows;

public class FlipWatchTests
{
    private const float Nan = float.NaN;

    /// <summary>One score of threshold 0.5: label, score, whether it flips, slope.</summary>
    public static TheoryData<string, (int Label, float Score, bool Flips)> SingleScores => TestDevices.With(
    [
        (1, 0.6f, false), (1, 0.5f, true), (1, 0.4f, true), (-1, 0.4f, false), (-1, 0.5f, false), (-1, 0.6f, true),
        (1, Nan, false), (-1, float.PositiveInfinity, false), (1, float.NegativeInfinity, false),
    ]);

    /// <summary>Three scores of thresholds 1, 0, −1: label, aim, scores, whether it flips, and the class whose score is to rise.</summary>
    public static TheoryData<string, (int Label, int Aim, float[] Scores, bool Flips, int Rival)> SeveralScores => TestDevices.With(
    [
        (0, -1, new float[] { 3, 1, -0.5f }, false, 1),
        (0, -1, [3, 1, 0.5f], false, 2),
        (0, -1, [3, 2, 0], true, 1),
        (0, 2, [3, 1, -2], false, 2),
        (0, 2, [3, 2.5f, -2], true, 2),
        (1, -1, [2, 1, 0], true, 0),
        (2, -1, [1, 0, 0.5f], false, 0),
        (2, 1, [Nan, 5, 0], false, 1),
        (1, -1, [0, 1, Nan], false, 2),
    ]);

    [SkippableTheory]
    [MemberData(nameof(SingleScores))]
    public void Look_OneScore_DecidesBySignAndThreshold(string deviceName, (int Label, float Score, bool Flips) row)
    {
        (RowState state, float[] slopes, float[] found) = Look(deviceName, [0.5f], row.Label, -1, [row.Score]);
        Assert.Equal(row.Flips ? RowState.FlipsNow : RowState.Searching, state);
        Assert.Equal([-row.Label], slopes);
        Assert.Equal(row.Flips ? [4f, 5f, 6f] : [0f, 0f, 0f], found);
    }

    [SkippableTheory]
    [MemberData(nameof(SeveralScores))]
    public void Look_SeveralScores_DecidesByTheNearestAndClimbsTheAim(string deviceName, (int Label, int Aim, float[] Scores, bool Flips, int Rival) row)
    {
        (RowState state, float[] slopes, float[] found) = Look(deviceName, [1, 0, -1], row.Label, row.Aim, row.Scores);
        Assert.Equal(row.Flips ? RowState.FlipsNow : RowState.Searching, state);
        Assert.Equal([.. Enumerable.Range(0, 3).Select(k => k == row.Rival ? 1f : k == row.Label ? -1f : 0f)], slopes);
        Assert.Equal(row.Flips ? [4f, 5f, 6f] : [0f, 0f, 0f], found);
    }

    [SkippableTheory]
    [MemberData(nameof(Leavers))]
    public void Leave_EachState_CountsTheGradientAndGoesOnOrBack(string deviceName, (RowState Before, float Norm, RowState After) row)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        using FlipWatch watch = FlipWatch.Create(device, 3, 1, 2);
        watch.States.Write([(int)RowState.Idle, (int)row.Before]);
        using Tensor<float> norms = device.Tensor([1, row.Norm]);
        using Tensor<float> x = device.Tensor([1, 2, 3, 4, 5, 6]);
        using Tensor<float> origin = device.Tensor([7, 7, 7, 8, 8, 8]);
        watch.Leave(norms, x, origin, 2);
        bool took = row.Before is RowState.Searching or RowState.FlipsNow;
        Assert.Equal([(int)RowState.Idle, (int)row.After], watch.States.ToArray());
        Assert.Equal([0, took ? 1 : 0], watch.Gradients.ToArray());
        Assert.Equal(took && row.After != RowState.Searching ? [1, 2, 3, 8, 8, 8] : [1, 2, 3, 4, 5, 6], x.ToArray());
    }

    public static TheoryData<string, (RowState Before, float Norm, RowState After)> Leavers => TestDevices.With(
    [
        (RowState.Searching, 1e-40f, RowState.Searching),
        (RowState.Searching, 0, RowState.ZeroGradient),
        (RowState.Searching, Nan, RowState.NonFiniteGradient),
        (RowState.Searching, float.PositiveInfinity, RowState.NonFiniteGradient),
        (RowState.FlipsNow, 0, RowState.Flipped),
        (RowState.FlipsNow, Nan, RowState.Flipped),
        (RowState.Flipped, 1, RowState.Flipped),
        (RowState.ZeroGradient, 1, RowState.ZeroGradient),
        (RowState.Idle, 0, RowState.Idle),
    ]);

    /// <summary>The second of two rows, whose input is 4, 5, 6; the first has left, and nothing of it changes but its slopes, which are 0.</summary>
    private static (RowState State, float[] Slopes, float[] Found) Look(string deviceName, float[] thresholds, int label, int aim, float[] scores)
    {
        using DeviceLease lease = TestDevices.Open(deviceName);
        ComputeDevice device = lease.Device;
        int count = scores.Length;
        using FlipWatch watch = FlipWatch.Create(device, 3, count, 2);
        watch.Thresholds.Write(thresholds);
        watch.Labels.Write([label, label, aim, aim]);
        watch.States.Write([(int)RowState.ZeroGradient, (int)RowState.Searching]);
        using Tensor<float> x = device.Tensor([1, 2, 3, 4, 5, 6]);
        using Tensor<float> values = device.Tensor([.. scores, .. scores]);
        using Tensor<float> found = device.Allocate(new Shape(6));
        using Tensor<float> slopes = device.Unset(2 * count);
        watch.Look(x, values, found, slopes, 2);
        int[] states = watch.States.ToArray();
        float[] both = slopes.ToArray();
        Assert.Equal((int)RowState.ZeroGradient, states[0]);
        Assert.All(both[..count], static slope => Assert.Equal(0, slope));
        Assert.Equal([0, 0, 0], found.ToArray()[..3]);
        return ((RowState)states[1], both[count..], found.ToArray()[3..]);
    }
}
