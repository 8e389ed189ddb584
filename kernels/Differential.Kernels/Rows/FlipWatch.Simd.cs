using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>One row after the other: little work beside the passes through a network.</summary>
internal sealed unsafe class FlipWatchSimd(SimdDevice device, int length, int scores, int maxCount) : FlipWatch(device, length, scores, maxCount)
{
    protected override void LookCore(Tensor<float> x, Tensor<float> scores, Tensor<float> found, Tensor<float> dScores, int count)
    {
        int* labels = SimdDevice.Pointer(Labels);
        int* states = SimdDevice.Pointer(States);
        for (int row = 0; row < count; row++)
        {
            var slopes = new Span<float>(SimdDevice.Pointer(dScores) + ((nint)row * Scores), Scores);
            slopes.Clear();
            if ((RowState)states[row] != RowState.Searching)
            {
                continue;
            }

            var values = new RowScores(SimdDevice.Pointer(scores) + ((nint)row * Scores), SimdDevice.Pointer(Thresholds), Scores);
            int label = labels[row];
            int rival = Scores == 1 ? 0 : FlipOperator.Rival(values, label);
            if (FlipOperator.IsFlipped(values, label, FlipOperator.Margin(values, label, rival)))
            {
                states[row] = (int)RowState.FlipsNow;
                Row(x, row).CopyTo(Row(found, row));
            }

            if (Scores == 1)
            {
                slopes[0] = -label;
                continue;
            }

            int aim = labels[MaxCount + row];
            slopes[label] = -1;
            slopes[aim >= 0 ? aim : rival] = 1;
        }
    }

    protected override void LeaveCore(Tensor<float> norms, Tensor<float> x, Tensor<float> origin, int count)
    {
        float* norm = SimdDevice.Pointer(norms);
        int* states = SimdDevice.Pointer(States);
        int* gradients = SimdDevice.Pointer(Gradients);
        for (int row = 0; row < count; row++)
        {
            var state = (RowState)states[row];
            if (state is not (RowState.Searching or RowState.FlipsNow))
            {
                continue;
            }

            gradients[row]++;
            RowState next = FlipOperator.Next(state, norm[row]);
            if (next != RowState.Searching)
            {
                states[row] = (int)next;
                Row(origin, row).CopyTo(Row(x, row));
            }
        }
    }

    private Span<float> Row(Tensor<float> tensor, int row) => new(SimdDevice.Pointer(tensor) + ((nint)row * Length), Length);

    private readonly struct RowScores(float* scores, float* thresholds, int count) : IRowScores
    {
        public int Count => count;

        public float this[int index] => scores[index] - thresholds[index];
    }
}
