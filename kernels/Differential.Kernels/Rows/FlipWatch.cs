using Differential.Kernels.Devices;

namespace Differential.Kernels.Rows;

/// <summary>
/// Follows the rows of a batch under attack on the device, so that many steps can be queued before the host looks: which rows have flipped
/// and with what input, along which scores each climbs, and which cannot go on. A step is <see cref="Look"/> behind the forward pass, the
/// gradient, the move and <see cref="Leave"/>; a row that has left stays at its origin, whatever else is computed for it.
/// </summary>
public abstract class FlipWatch : RowOperation
{
    private protected FlipWatch(ComputeDevice device, int length, int scores, int maxCount)
        : base(device, length, maxCount)
    {
        Scores = scores;
        List<IDisposable> owned = [];
        try
        {
            owned.Add(Thresholds = device.Allocate(new Shape(scores)));
            owned.Add(Labels = device.Allocate<int>(new Shape(2 * maxCount)));
            owned.Add(States = device.Allocate<int>(new Shape(maxCount)));
            Gradients = device.Allocate<int>(new Shape(maxCount));
        }
        catch
        {
            owned.ForEach(static tensor => tensor.Dispose());
            throw;
        }
    }

    /// <summary>Scores of a row.</summary>
    public int Scores { get; }

    /// <summary>[scores]; the caller's to set.</summary>
    public Tensor<float> Thresholds { get; }

    /// <summary>
    /// [2·maxCount]; the caller's to set. First each row's label: +1 or −1, of several scores the class. Then the other class that each row aims
    /// at, −1 for whichever is nearest; of one score unused.
    /// </summary>
    public Tensor<int> Labels { get; }

    /// <summary>[maxCount], each a <see cref="RowState"/>; the caller's to start.</summary>
    public Tensor<int> States { get; }

    /// <summary>[maxCount], how many gradients were taken of each row until it left; the caller's to start.</summary>
    public Tensor<int> Gradients { get; }

    /// <param name="device">Where.</param>
    /// <param name="length">Elements of a row.</param>
    /// <param name="scores">Scores of a row.</param>
    /// <param name="maxCount">Rows at most.</param>
    public static FlipWatch Create(ComputeDevice device, int length, int scores, int maxCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scores, 1);
        return device switch
        {
            SimdDevice simd => new FlipWatchSimd(simd, length, scores, maxCount),
            IlgpuDevice ilgpu => new FlipWatchIlgpu(ilgpu, length, scores, maxCount),
            _ => throw NoKernel(device, nameof(FlipWatch)),
        };
    }

    /// <summary>
    /// Copies the rows that flip to <paramref name="found"/>, and puts the slopes into dScores: those that lower the margin of the rows still
    /// searching and of those that flip now, 0 for all others.
    /// </summary>
    /// <param name="x">[count, length], the inputs.</param>
    /// <param name="scores">[count, scores] of the inputs.</param>
    /// <param name="found">[count, length], overwritten where a row flips now.</param>
    /// <param name="dScores">[count, scores], overwritten.</param>
    /// <param name="count">Rows.</param>
    public void Look(Tensor<float> x, Tensor<float> scores, Tensor<float> found, Tensor<float> dScores, int count)
    {
        CheckRows(count, x, found);
        Check(scores, (long)count * Scores, nameof(scores));
        Check(dScores, (long)count * Scores, nameof(dScores));
        LookCore(x, scores, found, dScores, count);
    }

    /// <summary>Counts the gradient of each row that was searching, and brings those that flipped or have no gradient to climb along back to their origin.</summary>
    /// <param name="norms">[count], of the gradients; 0 for a zero gradient alone, not finite for one that is not.</param>
    /// <param name="x">[count, length], changed in rows that leave.</param>
    /// <param name="origin">[count, length].</param>
    /// <param name="count">Rows.</param>
    public void Leave(Tensor<float> norms, Tensor<float> x, Tensor<float> origin, int count)
    {
        CheckRows(count, x, origin);
        Check(norms, count, nameof(norms));
        LeaveCore(norms, x, origin, count);
    }

    protected abstract void LookCore(Tensor<float> x, Tensor<float> scores, Tensor<float> found, Tensor<float> dScores, int count);

    protected abstract void LeaveCore(Tensor<float> norms, Tensor<float> x, Tensor<float> origin, int count);

    protected override void Dispose(bool disposing)
    {
        Thresholds.Dispose();
        Labels.Dispose();
        States.Dispose();
        Gradients.Dispose();
        base.Dispose(disposing);
    }
}
