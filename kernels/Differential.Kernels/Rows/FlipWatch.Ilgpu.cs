using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Rows;

/// <summary>A group for each row: all of its threads come to the row's decision, and copy the row.</summary>
internal sealed class FlipWatchIlgpu(IlgpuDevice device, int length, int scores, int maxCount) : FlipWatch(device, length, scores, maxCount)
{
    protected override void LookCore(Tensor<float> x, Tensor<float> scores, Tensor<float> found, Tensor<float> dScores, int count) =>
        device.Load<LookArguments>(Look).LaunchRows(
            count,
            new()
            {
                X = IlgpuDevice.View(x),
                Scores = IlgpuDevice.View(scores),
                Found = IlgpuDevice.View(found),
                DScores = IlgpuDevice.View(dScores),
                Thresholds = IlgpuDevice.View(Thresholds),
                Labels = IlgpuDevice.View(Labels),
                States = IlgpuDevice.View(States),
                Length = Length,
                ScoreCount = Scores,
                MaxCount = MaxCount,
            });

    protected override void LeaveCore(Tensor<float> norms, Tensor<float> x, Tensor<float> origin, int count) =>
        device.Load<LeaveArguments>(Leave).LaunchRows(
            count,
            new()
            {
                Norms = IlgpuDevice.View(norms),
                X = IlgpuDevice.View(x),
                Origin = IlgpuDevice.View(origin),
                States = IlgpuDevice.View(States),
                Gradients = IlgpuDevice.View(Gradients),
                Length = Length,
            });

    internal static void Look(LookArguments arguments)
    {
        int row = Grid.IdxX;
        int state = arguments.States[row];

        // All threads have read the state before the first one changes it.
        GroupMemory.Barrier();
        bool searches = state == (int)RowState.Searching;
        var values = new RowScores(arguments.Scores, arguments.Thresholds, row * arguments.ScoreCount, arguments.ScoreCount);
        int label = arguments.Labels[row];
        int rival = arguments.ScoreCount == 1 || !searches ? 0 : FlipOperator.Rival(values, label);
        bool flips = searches && FlipOperator.IsFlipped(values, label, FlipOperator.Margin(values, label, rival));
        if (flips)
        {
            Copy(arguments.X, arguments.Found, row, arguments.Length);
        }

        int aim = arguments.Labels[arguments.MaxCount + row];
        int other = aim >= 0 ? aim : rival;
        for (int k = Group.IdxX; k < arguments.ScoreCount; k += Group.DimX)
        {
            float slope = arguments.ScoreCount == 1 ? -label : k == other ? 1f : k == label ? -1f : 0f;
            arguments.DScores[(row * arguments.ScoreCount) + k] = searches ? slope : 0f;
        }

        if (flips && Group.IdxX == 0)
        {
            arguments.States[row] = (int)RowState.FlipsNow;
        }
    }

    internal static void Leave(LeaveArguments arguments)
    {
        int row = Grid.IdxX;
        int state = arguments.States[row];
        GroupMemory.Barrier();
        if (state != (int)RowState.Searching && state != (int)RowState.FlipsNow)
        {
            return;
        }

        int next = (int)FlipOperator.Next((RowState)state, arguments.Norms[row]);
        if (next != (int)RowState.Searching)
        {
            Copy(arguments.Origin, arguments.X, row, arguments.Length);
        }

        if (Group.IdxX == 0)
        {
            arguments.Gradients[row]++;
            arguments.States[row] = next;
        }
    }

    private static void Copy(ArrayView<float> source, ArrayView<float> destination, int row, int length)
    {
        for (int i = Group.IdxX; i < length; i += Group.DimX)
        {
            destination[(row * length) + i] = source[(row * length) + i];
        }
    }

    internal struct LookArguments
    {
        public ArrayView<float> X;
        public ArrayView<float> Scores;
        public ArrayView<float> Found;
        public ArrayView<float> DScores;
        public ArrayView<float> Thresholds;
        public ArrayView<int> Labels;
        public ArrayView<int> States;
        public int Length;
        public int ScoreCount;
        public int MaxCount;
    }

    internal struct LeaveArguments
    {
        public ArrayView<float> Norms;
        public ArrayView<float> X;
        public ArrayView<float> Origin;
        public ArrayView<int> States;
        public ArrayView<int> Gradients;
        public int Length;
    }

    private readonly struct RowScores(ArrayView<float> scores, ArrayView<float> thresholds, int start, int count) : IRowScores
    {
        public int Count => count;

        public float this[int index] => scores[start + index] - thresholds[index];
    }
}
