using Differential.Kernels.Devices;

namespace Differential.Kernels.Losses;

/// <summary>
/// Σ log(1 + e^(vⱼ − uᵢ)) over all pairs of two sorted classes, and for each score the sum of the pairs' sigmoids.
/// </summary>
/// <remarks>
/// With z = e^(v − u), pairs of groups fall into four kinds:
/// z below 2⁻²⁵: log(1 + z) = z and the sigmoid is z, both to float precision, so the sums separate into those kept by
/// <see cref="SortedScores"/>; z above 2²⁵: log(1 + z) = v − u + 1/z, sigmoid 1 − 1/z, which separate too; between them
/// tiles of <see cref="LogisticTile"/>, on z itself or, where z is above 1/2, on w = 1/z with log(1 + z) = v − u + log(1 + w)
/// and sigmoid 1 − w/(1 + w). So nothing overflows, however large the scores, and no small term is lost.
/// Rows of tiles go to the threads in a number of chunks that depends on the sizes alone; each has its own column
/// sums, which are added in order.
/// </remarks>
internal sealed unsafe class LogisticPairs : IDisposable
{
    /// <summary>Powers of two beyond which a pair is far apart.</summary>
    private const int FarBits = 25;

    /// <summary>Pairs that are worth a chunk of their own.</summary>
    private const long PairsPerChunk = 1 << 18;

    private const int MaxChunks = 32;

    private readonly SimdDevice _device;
    private readonly int _capacity;
    private readonly SimdStorage<double> _columnSums;
    private readonly SimdStorage<double> _losses;
    private readonly SimdStorage<int> _near;
    private readonly SortedScores _positives;
    private readonly SortedScores _negatives;

    public LogisticPairs(SimdDevice device, int maxCount)
    {
        _device = device;
        _capacity = maxCount;
        long mostPairs = (long)(maxCount / 2) * (maxCount - (maxCount / 2));
        _columnSums = new SimdStorage<double>(device, checked(ChunkCount(mostPairs) * maxCount));
        _losses = new SimdStorage<double>(device, MaxChunks);
        _near = new SimdStorage<int>(device, 2 * (maxCount + 1));
        _positives = new SortedScores(device, maxCount, LogisticTile.MaxRows);
        _negatives = new SortedScores(device, maxCount, LogisticTile.MaxColumns);
    }

    public SortedScores Positives => _positives;

    public SortedScores Negatives => _negatives;

    private bool IsWide => _positives.IsWide || _negatives.IsWide;

    /// <summary>[row groups], first column group that is not far below.</summary>
    private int* NearFrom => _near.Pointer;

    /// <summary>[row groups], first column group that is far above.</summary>
    private int* NearTo => _near.Pointer + _capacity + 1;

    /// <summary>The sum over all pairs; the sums for each score are left in <see cref="SortedScores.Slopes"/>.</summary>
    public double Run()
    {
        FindNear();
        int chunks = Math.Min(ChunkCount((long)_positives.Count * _negatives.Count), _positives.Groups);
        _device.For(chunks, new Chunk(this, chunks));
        double loss = 0;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            loss += _losses.Pointer[chunk];
            (int first, int end) = ColumnsOf(chunk, chunks);
            double* sums = _columnSums.Pointer + ((long)chunk * _capacity);
            for (int j = first; j < end; j++)
            {
                _negatives.Slopes[j] += sums[j];
            }
        }

        AddFarRows();
        return loss;
    }

    public void Dispose()
    {
        _columnSums.Dispose();
        _losses.Dispose();
        _near.Dispose();
        _positives.Dispose();
        _negatives.Dispose();
    }

    private static int ChunkCount(long pairs) => (int)Math.Clamp(pairs / PairsPerChunk, 1, MaxChunks);

    private static float PowerOfTwo(int exponent) => BitConverter.Int32BitsToSingle((exponent + 127) << 23);

    private int FirstRowGroup(int chunk, int chunks) => (int)((long)_positives.Groups * chunk / chunks);

    private (int First, int End) ColumnsOf(int chunk, int chunks)
    {
        int lastGroup = FirstRowGroup(chunk + 1, chunks) - 1;
        return (_negatives.Starts[NearFrom[FirstRowGroup(chunk, chunks)]], _negatives.Starts[NearTo[lastGroup]]);
    }

    private void FindNear()
    {
        int from = 0;
        int to = 0;
        for (int g = 0; g < _positives.Groups; g++)
        {
            // z < 2^(top of the column group + 1 − bottom of the row group), z > 2^(bottom − top − 1).
            while (from < _negatives.Groups && _negatives.TopExponents[from] + 1 - _positives.Exponents[g] <= -FarBits)
            {
                from++;
            }

            to = Math.Max(to, from);
            while (to < _negatives.Groups && _negatives.Exponents[to] - _positives.TopExponents[g] - 1 < FarBits)
            {
                to++;
            }

            NearFrom[g] = from;
            NearTo[g] = to;
        }
    }

    private double RowGroup(int group, double* columnSums, float* columnSlopes)
    {
        double* rowSlopes = stackalloc double[LogisticTile.MaxRows];
        int start = _positives.Starts[group];
        int count = _positives.Starts[group + 1] - start;
        double sumRows = _positives.SumBefore[group + 1] - _positives.SumBefore[group];
        double loss = FarColumns(group, start, count, sumRows);
        for (int panel = NearFrom[group]; panel < NearTo[group]; panel++)
        {
            int first = _negatives.Starts[panel];
            int width = _negatives.Starts[panel + 1] - first;
            int offset = (int)(_negatives.Exponents[panel] - _positives.Exponents[group]);
            int lowest = (int)(_negatives.Exponents[panel] - _positives.TopExponents[group]) - 1;
            bool inverted = lowest >= -1;
            double* sums = columnSums + first;
            if (inverted)
            {
                double bits = Math.Log2(1 + Math.ScaleB(1, -lowest));
                loss += LogisticTile.Run(_device.VectorBits, _positives.Plus + start, PowerOfTwo(-offset), count, _negatives.Minus + first, width, bits, rowSlopes, columnSlopes);
                if (IsWide)
                {
                    double origin = _positives.Scaled[start];
                    loss += (count * _negatives.SumFrom(panel, origin)) - (width * _positives.SumFrom(group, origin));
                }
                else
                {
                    double sumColumns = _negatives.SumBefore[panel + 1] - _negatives.SumBefore[panel];
                    loss += (count * sumColumns) - (width * sumRows);
                }

                for (int i = 0; i < count; i++)
                {
                    _positives.Slopes[start + i] += width - rowSlopes[i];
                }

                for (int j = 0; j < width; j++)
                {
                    sums[j] += count - columnSlopes[j];
                }
            }
            else
            {
                int highest = (int)(_negatives.TopExponents[panel] - _positives.Exponents[group]) + 1;
                double bits = Math.Log2(1 + Math.ScaleB(1, highest));
                loss += LogisticTile.Run(_device.VectorBits, _positives.Minus + start, PowerOfTwo(offset), count, _negatives.Plus + first, width, bits, rowSlopes, columnSlopes);
                for (int i = 0; i < count; i++)
                {
                    _positives.Slopes[start + i] += rowSlopes[i];
                }

                for (int j = 0; j < width; j++)
                {
                    sums[j] += columnSlopes[j];
                }
            }
        }

        return loss;
    }

    /// <summary>The pairs of a row group with all columns far below and far above.</summary>
    private double FarColumns(int group, int start, int count, double sumRows)
    {
        int from = NearFrom[group];
        int to = NearTo[group];
        double exponent = _positives.Exponents[group];
        double below = from == 0 ? 0 : SortedScores.TimesPower(_negatives.PlusUpTo[from - 1], _negatives.Exponents[from - 1] - exponent);
        double above = to == _negatives.Groups ? 0 : SortedScores.TimesPower(_negatives.MinusFrom[to], exponent - _negatives.Exponents[to]);
        int countAbove = _negatives.Count - _negatives.Starts[to];
        double sumAbove = _negatives.SumBefore[_negatives.Groups] - _negatives.SumBefore[to];
        double loss = (count * sumAbove) - (countAbove * sumRows);
        for (int i = start; i < start + count; i++)
        {
            double low = _positives.Minus[i] * below;
            double high = _positives.Plus[i] * above;
            loss += low + high;
            _positives.Slopes[i] += low + (countAbove - high);
        }

        return loss;
    }

    /// <summary>The same pairs, seen from the columns; their loss has been counted.</summary>
    private void AddFarRows()
    {
        int farAbove = 0;
        int farBelow = 0;
        for (int panel = 0; panel < _negatives.Groups; panel++)
        {
            // Row groups before farAbove have this panel far above them, those from farBelow on far below.
            while (farAbove < _positives.Groups && NearTo[farAbove] <= panel)
            {
                farAbove++;
            }

            while (farBelow < _positives.Groups && NearFrom[farBelow] <= panel)
            {
                farBelow++;
            }

            double exponent = _negatives.Exponents[panel];
            double below = farBelow == _positives.Groups ? 0 : SortedScores.TimesPower(_positives.MinusFrom[farBelow], exponent - _positives.Exponents[farBelow]);
            double above = farAbove == 0 ? 0 : SortedScores.TimesPower(_positives.PlusUpTo[farAbove - 1], _positives.Exponents[farAbove - 1] - exponent);
            int countAbove = _positives.Starts[farAbove];
            for (int j = _negatives.Starts[panel]; j < _negatives.Starts[panel + 1]; j++)
            {
                _negatives.Slopes[j] += (_negatives.Plus[j] * below) + (countAbove - (_negatives.Minus[j] * above));
            }
        }
    }

    private readonly struct Chunk(LogisticPairs owner, int chunks) : IChunkBody
    {
        public void Run(int chunk)
        {
            float* columnSlopes = stackalloc float[LogisticTile.MaxColumns];
            double* sums = owner._columnSums.Pointer + ((long)chunk * owner._capacity);
            (int first, int end) = owner.ColumnsOf(chunk, chunks);
            new Span<double>(sums + first, Math.Max(0, end - first)).Clear();
            double loss = 0;
            int lastGroup = owner.FirstRowGroup(chunk + 1, chunks);
            for (int group = owner.FirstRowGroup(chunk, chunks); group < lastGroup; group++)
            {
                loss += owner.RowGroup(group, sums, columnSlopes);
            }

            owner._losses.Pointer[chunk] = loss;
        }
    }
}
