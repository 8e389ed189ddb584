using Differential.Kernels.Devices;
using Differential.Kernels.Losses;
using Differential.Kernels.Rows;

namespace Differential.Core.Losses;

/// <summary>
/// Differential training of K classes: the mean over classes a of the mean over pairs of a sample x of a and a sample y of any other class
/// of ℓ(τ(z_a(x) − z_a(y) − 2m)), z_a the score of class a. In a balanced batch that is the mean over all ordered pairs of classes and
/// their samples. A constant added to all samples' scores of a class changes nothing, so thresholds are fitted afterwards, one for each class.
/// </summary>
internal sealed class OneVsRestDifferentialLoss : Loss
{
    private readonly OwnedResources _owned = new();
    private readonly PairwiseDifference _pairs;
    private readonly RowGather _gather;
    private readonly RowArithmetic _rows;
    private readonly Tensor<int>[] _columns;
    private readonly Tensor<float>[] _slots;
    private readonly Tensor<float> _losses;
    private readonly Tensor<float> _scores;
    private readonly Tensor<float> _sides;
    private readonly Tensor<float> _slopes;
    private readonly Tensor<float> _shares;
    private readonly Tensor<float> _zeros;

    /// <exception cref="NotSupportedException">Matched pairs, which are between two classes.</exception>
    public OneVsRestDifferentialLoss(DifferentialOptions options, ComputeDevice device, int maxCount, int classes)
    {
        if (options.Pairs != PairSelection.All)
        {
            throw new NotSupportedException("matched pairs are between two classes");
        }

        int most = Math.Max(maxCount, classes);
        try
        {
            var form = new PairwiseForm(options.Surrogate, options.Pairs, (float)options.Temperature, (float)options.Margin);
            _pairs = _owned.Add(PairwiseDifference.Create(device, form, Math.Max(maxCount, 2)));
            _gather = _owned.Add(RowGather.Create(device));
            _rows = _owned.Add(RowArithmetic.Create(device, classes, maxCount));
            _columns = [.. Enumerable.Range(0, classes).Select(number => Column(number))];
            _losses = _owned.Add(device.Allocate(new Shape(classes)));
            _slots = [.. Enumerable.Range(0, classes).Select(number => _losses.Slice(number, new Shape(1)))];
            _scores = _owned.Add(device.Allocate(new Shape(maxCount)));
            _sides = _owned.Add(device.Allocate(new Shape(maxCount)));
            _slopes = _owned.Add(device.Allocate(new Shape(maxCount)));
            _shares = _owned.Add(device.Allocate(new Shape(most)));
            _shares.Fill(1f / classes);
            _zeros = _owned.Add(device.Allocate(new Shape(most)));
            _zeros.Fill(0f);
        }
        catch
        {
            _owned.Dispose();
            throw;
        }

        Tensor<int> Column(int number)
        {
            Tensor<int> column = _owned.Add(device.Allocate<int>(new Shape(maxCount)));
            column.Write([.. Enumerable.Range(0, maxCount).Select(sample => (sample * classes) + number)]);
            return column;
        }
    }

    /// <inheritdoc/>
    public override void Compute(Tensor<float> scores, Tensor<float> labels, Tensor<float> dScores, Tensor<float> loss, int count)
    {
        for (int number = 0; number < _columns.Length; number++)
        {
            _gather.Gather(scores, _columns[number], _scores, 1, count);
            _gather.Gather(labels, _columns[number], _sides, 1, count);
            _pairs.Compute(_scores, _sides, _slopes, _slots[number], count);
            _gather.Scatter(_slopes, _columns[number], dScores, 1, count);
        }

        _rows.Combine(_shares, dScores, _zeros, dScores, dScores, count);
        _rows.Dots(_losses, _shares, loss, 1);
    }

    protected override void Dispose(bool disposing) => _owned.Dispose();
}
