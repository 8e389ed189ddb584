using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>
/// The losses of the latest steps on the device, read together: a device with a queue need not be waited for at each
/// step. The sums do not depend on how many are read at once.
/// </summary>
internal sealed class LossWindow : IDisposable
{
    private const int QueuedSteps = 16;

    private readonly Tensor<float> _losses;
    private readonly Tensor<float>[] _slots;
    private readonly float[] _values;
    private readonly int[] _counts;
    private int _used;

    public LossWindow(ComputeDevice device)
    {
        int length = device is SimdDevice ? 1 : QueuedSteps;
        _losses = device.Allocate(new Shape(length));
        _slots = [.. Enumerable.Range(0, length).Select(index => _losses.Slice(index, new Shape(1)))];
        _values = new float[length];
        _counts = new int[length];
    }

    public bool IsFull => _used == _slots.Length;

    /// <summary>Where the next step puts its loss, [1].</summary>
    public Tensor<float> Next => _slots[_used];

    /// <summary>The next step was over so many samples.</summary>
    public void Taken(int count) => _counts[_used++] = count;

    /// <summary>Adds the steps' losses to the epoch's sums in their order.</summary>
    /// <returns>How many steps ago a loss was not finite (0: the latest step), with that loss; null where all are finite.</returns>
    public (int StepsAgo, float Loss)? Flush(ref double sum, ref long samples)
    {
        _losses.Read(_values.AsSpan(0, _used));
        int used = _used;
        _used = 0;
        for (int i = 0; i < used; i++)
        {
            if (!float.IsFinite(_values[i]))
            {
                return (used - 1 - i, _values[i]);
            }

            sum += (double)_values[i] * _counts[i];
            samples += _counts[i];
        }

        return null;
    }

    public void Dispose() => _losses.Dispose();
}
