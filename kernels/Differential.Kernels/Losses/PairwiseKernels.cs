using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Losses;

/// <summary>Arguments of <see cref="PairwiseKernels"/> and <see cref="ExponentialPairs"/>.</summary>
internal readonly struct PairwiseArguments(
    PairwiseForm form, ArrayView<float> scores, ArrayView<float> labels, ArrayView<float> dScores, ArrayView<float> loss, PairwiseWorkspace workspace, int count)
{
    public readonly ArrayView<float> Scores = scores;
    public readonly ArrayView<float> Labels = labels;
    public readonly ArrayView<float> DScores = dScores;
    public readonly ArrayView<float> Loss = loss;
    public readonly PairwiseWorkspace Workspace = workspace;
    public readonly int Surrogate = (int)form.Surrogate;
    public readonly int Matched = form.Pairs == PairSelection.Matched ? 1 : 0;
    public readonly float Temperature = form.Temperature;
    public readonly float Gap = 2 * form.Margin;
    public readonly int Count = count;

    /// <summary>d of a positive and a negative score.</summary>
    public float Difference(float positive, float negative) => Temperature * (positive - negative - Gap);

    /// <summary>
    /// True where a matched pair's loss is divided by the number of pairs before it is added, not after: two
    /// exponentials, each at most the largest float, may pass it together.
    /// </summary>
    public bool AddsShares => Surrogate == (int)Losses.Surrogate.Exponential;

    public float Value(float d) => SurrogateOperator.Value((Surrogate)Surrogate, d);

    public float Slope(float d) => SurrogateOperator.Slope((Surrogate)Surrogate, d);
}

/// <summary>
/// Scores by class, each class in the order of the batch: the positives from 0 on, the negatives from <c>Capacity</c>
/// on. Counts are: positives, negatives, 1 where all scores are in range.
/// </summary>
internal readonly struct PairwiseWorkspace(ArrayView<float> sorted, ArrayView<int> places, ArrayView<int> counts, ArrayView<float> partials, int capacity)
{
    public readonly ArrayView<float> Sorted = sorted;
    public readonly ArrayView<int> Places = places;
    public readonly ArrayView<int> Counts = counts;
    public readonly ArrayView<float> Partials = partials;
    public readonly int Capacity = capacity;
}

/// <summary>
/// The pairwise loss and its gradients, without an array of pairs and without atomics. Versions:
/// 1. <see cref="Single"/>: one group, one launch, at most as many scores as the group has threads. Each thread runs
///    over all scores for its own and takes those of the opposite class. The readable reference, and the one for
///    batches of some hundred, where launches cost more than the work.
/// 2. <see cref="Partition"/>, <see cref="Rows"/>, <see cref="Finish"/>: the classes are brought together first, then
///    each thread sums its score's row of pairs over the opposite class, which passes through shared memory tile by
///    tile. A pair is worked out once for each of its scores: twice the arithmetic, no sums across threads but the loss.
/// A row's sum is that of its tiles' sums, so that rounding grows with the tile and the number of tiles, not with
/// their product. All pairs of the exponential surrogate, whose sums could overflow before their mean does, are not
/// visited one by one: <see cref="ExponentialPairs"/>.
/// </summary>
internal static class PairwiseKernels
{
    /// <summary>Largest float instead of infinity; NaN stays.</summary>
    public static float Saturated(float value) => value > float.MaxValue ? float.MaxValue : value < -float.MaxValue ? -float.MaxValue : value;

    /// <summary>Whether the largest magnitude of the scores is in range; false for NaN.</summary>
    public static bool IsValid(float largest, in PairwiseArguments arguments) =>
        (largest + arguments.Gap) * (arguments.Temperature > 1 ? arguments.Temperature : 1) <= PairwiseDifference.LargestScore;

    public static void Single(PairwiseArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        int own = Group.IdxX;
        bool exists = own < arguments.Count;
        float score = exists ? arguments.Scores[own] : 0;
        float sign = Sign(exists ? arguments.Labels[own] : 0);
        // Not "? 1 : 0": ILGPU takes that for a truth value, whose bits its OpenCL back end then stores as the float's.
        float positives = GroupReduction.Sum(sign > 0 ? 1f : 0f, scratch);
        bool valid = IsValid(GroupReduction.Max(MathF.Abs(score), scratch), arguments);
        float pairs = positives * (arguments.Count - positives);
        float slopes = 0;
        float loss = 0;
        for (int j = 0; j < arguments.Count; j++)
        {
            bool opposite = Sign(arguments.Labels[j]) != sign;
            float d = arguments.Difference(sign * score, sign * arguments.Scores[j]);
            slopes += opposite ? arguments.Slope(d) : 0;
            loss += opposite ? arguments.Value(d) : 0;
        }

        if (exists)
        {
            arguments.DScores[own] = Gradient(slopes, sign > 0, valid, pairs, arguments);
        }

        loss = GroupReduction.Sum(sign > 0 ? loss : 0, scratch);
        if (own == 0)
        {
            arguments.Loss[0] = Mean(loss, valid, pairs);
        }
    }

    /// <summary>One group: brings the scores of each class together, in order.</summary>
    public static void Partition(PairwiseArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        ArrayView<int> ranks = SharedMemory.Allocate<int>(GroupReduction.MaxThreads);
        PairwiseWorkspace workspace = arguments.Workspace;
        int thread = Group.IdxX;
        int positives = 0;
        float largest = 0;
        for (int start = 0; start < arguments.Count; start += Group.DimX)
        {
            int i = start + thread;
            float score = i < arguments.Count ? arguments.Scores[i] : 0;
            bool positive = i < arguments.Count && arguments.Labels[i] > 0;
            largest = GroupReduction.Larger(largest, MathF.Abs(score));
            ranks[thread] = positive ? 1 : 0;
            GroupMemory.Barrier();
            for (int reach = 1; reach < Group.DimX; reach *= 2)
            {
                int below = thread >= reach ? ranks[thread - reach] : 0;
                GroupMemory.Barrier();
                ranks[thread] += below;
                GroupMemory.Barrier();
            }

            int before = positives + ranks[thread] - (positive ? 1 : 0);
            int place = positive ? before : workspace.Capacity + i - before;
            if (i < arguments.Count)
            {
                workspace.Sorted[place] = score;
                workspace.Places[place] = i;
            }

            positives += ranks[Group.DimX - 1];
            GroupMemory.Barrier();
        }

        largest = GroupReduction.Max(largest, scratch);
        if (thread == 0)
        {
            workspace.Counts[0] = positives;
            workspace.Counts[1] = arguments.Count - positives;
            workspace.Counts[2] = IsValid(largest, arguments) ? 1 : 0;
        }
    }

    /// <summary>All pairs: grid (groups of one class's scores, class). Partial losses come from the positives' groups.</summary>
    public static void Rows(PairwiseArguments arguments)
    {
        ArrayView<float> tile = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        PairwiseWorkspace workspace = arguments.Workspace;
        bool positive = Grid.IdxY == 0;
        int owns = workspace.Counts[Grid.IdxY];
        int others = workspace.Counts[1 - Grid.IdxY];
        int own = (Grid.IdxX * Group.DimX) + Group.IdxX;
        int ownPlace = (positive ? 0 : workspace.Capacity) + own;
        int otherStart = positive ? workspace.Capacity : 0;
        float score = own < owns ? workspace.Sorted[ownPlace] : 0;
        float slopes = 0;
        float loss = 0;
        for (int start = 0; start < others; start += Group.DimX)
        {
            int length = Math.Min(Group.DimX, others - start);
            if (Group.IdxX < length)
            {
                tile[Group.IdxX] = workspace.Sorted[otherStart + start + Group.IdxX];
            }

            GroupMemory.Barrier();
            float tileSlopes = 0;
            float tileLoss = 0;
            for (int j = 0; j < length; j++)
            {
                float d = positive ? arguments.Difference(score, tile[j]) : arguments.Difference(tile[j], score);
                tileSlopes += arguments.Slope(d);
                if (positive)
                {
                    tileLoss += arguments.Value(d);
                }
            }

            slopes += tileSlopes;
            loss += tileLoss;
            GroupMemory.Barrier();
        }

        if (own < owns)
        {
            float pairs = (float)owns * others;
            arguments.DScores[workspace.Places[ownPlace]] = Gradient(slopes, positive, workspace.Counts[2] != 0, pairs, arguments);
        }

        loss = GroupReduction.Sum(own < owns ? loss : 0, tile);
        if (Group.IdxX == 0 && positive)
        {
            workspace.Partials[Grid.IdxX] = loss;
        }
    }

    /// <summary>Matched pairs: a thread for each rank within both classes.</summary>
    public static void Matched(PairwiseArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        PairwiseWorkspace workspace = arguments.Workspace;
        int rank = Grid.GlobalIndex.X;
        int pairs = Math.Min(workspace.Counts[0], workspace.Counts[1]);
        bool valid = workspace.Counts[2] != 0;
        float slope = 0;
        float loss = 0;
        if (rank < pairs)
        {
            float d = arguments.Difference(workspace.Sorted[rank], workspace.Sorted[workspace.Capacity + rank]);
            slope = arguments.Slope(d);
            loss = arguments.AddsShares ? arguments.Value(d) / pairs : arguments.Value(d);
        }

        if (rank < workspace.Counts[0])
        {
            arguments.DScores[workspace.Places[rank]] = Gradient(slope, true, valid, pairs, arguments);
        }

        if (rank < workspace.Counts[1])
        {
            arguments.DScores[workspace.Places[workspace.Capacity + rank]] = Gradient(slope, false, valid, pairs, arguments);
        }

        loss = GroupReduction.Sum(loss, scratch);
        if (Group.IdxX == 0)
        {
            workspace.Partials[Grid.IdxX] = loss;
        }
    }

    /// <summary>One group: the partial losses in order.</summary>
    public static void Finish(PairwiseArguments arguments)
    {
        ArrayView<float> scratch = SharedMemory.Allocate<float>(GroupReduction.MaxThreads);
        PairwiseWorkspace workspace = arguments.Workspace;
        float sum = 0;
        for (int i = Group.IdxX; i < workspace.Partials.IntLength; i += Group.DimX)
        {
            sum += workspace.Partials[i];
        }

        sum = GroupReduction.Sum(sum, scratch);
        if (Group.IdxX == 0)
        {
            int positives = workspace.Counts[0];
            int negatives = workspace.Counts[1];
            float pairs = arguments.Matched != 0 ? Math.Min(positives, negatives) : (float)positives * negatives;
            arguments.Loss[0] = Mean(sum, workspace.Counts[2] != 0, arguments.AddsShares ? Math.Min(pairs, 1) : pairs);
        }
    }

    private static float Sign(float label) => label > 0 ? 1f : -1f;

    private static float Gradient(float slopes, bool positive, bool valid, float pairs, in PairwiseArguments arguments)
    {
        if (pairs == 0)
        {
            return 0;
        }

        float factor = arguments.Temperature / pairs;
        return valid ? Saturated(slopes * (positive ? factor : -factor)) : float.NaN;
    }

    private static float Mean(float sum, bool valid, float pairs) => pairs == 0 ? 0 : valid ? Saturated(sum / pairs) : float.NaN;
}
