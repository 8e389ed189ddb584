using Differential.Kernels.Devices;
using Differential.Kernels.Gpu;
using Differential.Kernels.Simd;
using ILGPU;

namespace Differential.Kernels.Normalization;

/// <summary>Sums with a thread for each channel of a block of rows, then one for each channel; no atomics. Everything else with a thread per element.</summary>
internal sealed class BatchNormIlgpu(IlgpuDevice device, BatchNormGeometry geometry) : BatchNorm(device, geometry)
{
    protected override void SumsCore(Tensor<float> a, Tensor<float> centerA, Tensor<float> b, Tensor<float> centerB, float factor, int rows)
    {
        int channels = Geometry.Channels;
        int blocks = Blocks(rows);
        device.Load<SumArguments>(Partial).LaunchElements(
            (long)blocks * channels,
            new(IlgpuDevice.View(a), IlgpuDevice.View(centerA), IlgpuDevice.View(b), IlgpuDevice.View(centerB), IlgpuDevice.View(Partials), channels, blocks, rows, RowsPerBlock(rows), factor));
        device.Load<SumArguments>(Combine).LaunchElements(
            2 * channels,
            new(IlgpuDevice.View(Partials), IlgpuDevice.View(Zeros), IlgpuDevice.View(Partials), IlgpuDevice.View(Zeros), IlgpuDevice.View(Sums), channels, blocks, rows, RowsPerBlock(rows), factor));
    }

    protected override void FinishCore(BatchNormValues values, int rows) =>
        device.Load<ChannelArguments>(Finish).LaunchElements(Geometry.Channels, Arguments(values, values.Weight, values.Bias, BatchNormOperator.Unbiased(rows)));

    protected override void TakeRunningCore(BatchNormValues values) =>
        device.Load<ChannelArguments>(TakeRunning).LaunchElements(Geometry.Channels, Arguments(values, values.Weight, values.Bias, 1));

    protected override void NormalizeCore(Tensor<float> x, BatchNormValues values, Tensor<float> y, int rows, float floor) =>
        device.Load<ElementArguments>(Normalize).LaunchElements(
            (long)rows * Geometry.Channels,
            new(IlgpuDevice.View(x), IlgpuDevice.View(x), IlgpuDevice.View(y), IlgpuDevice.View(Mean), IlgpuDevice.View(Inverse), IlgpuDevice.View(values.Weight), IlgpuDevice.View(values.Bias), Geometry.Channels, rows, floor));

    protected override void ParametersCore(Tensor<float> dWeight, Tensor<float> dBias) =>
        device.Load<ChannelArguments>(Parameters).LaunchElements(Geometry.Channels, Arguments(new(Zeros, Zeros, Zeros, Zeros), dWeight, dBias, 1));

    protected override void BackwardInputCore(Tensor<float> x, Tensor<float> dy, Tensor<float> weight, Tensor<float> dx, int rows, float share) =>
        device.Load<ElementArguments>(Backward).LaunchElements(
            (long)rows * Geometry.Channels,
            new(IlgpuDevice.View(x), IlgpuDevice.View(dy), IlgpuDevice.View(dx), IlgpuDevice.View(Mean), IlgpuDevice.View(Inverse), IlgpuDevice.View(weight), IlgpuDevice.View(Sums), Geometry.Channels, rows, share));

    protected override void FoldCore(Tensor<float> weight, Tensor<float> bias, BatchNormValues values, Tensor<float> foldedWeight, Tensor<float> foldedBias) =>
        device.Load<FoldArguments>(Fold).LaunchElements(
            (long)weight.Length + Geometry.Channels,
            new(IlgpuDevice.View(weight), IlgpuDevice.View(bias), Arguments(values, foldedWeight, foldedBias, 1), weight.Length / Geometry.Channels, weight.Length));

    internal static void Partial(SumArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        int channels = arguments.Channels.Value;
        if (i >= arguments.Blocks * channels)
        {
            return;
        }

        int block = arguments.Channels.Divide(i);
        int channel = i - (block * channels);
        int first = block * arguments.RowsPerBlock;
        int end = Math.Min(arguments.RowsPerBlock, arguments.Rows - first) + first;
        float sum = 0;
        float product = 0;
        for (int row = first; row < end; row++)
        {
            int index = (row * channels) + channel;
            float value = arguments.A[index] - arguments.CenterA[channel];
            sum += value;
            product += value * (arguments.B[index] - arguments.CenterB[channel]);
        }

        arguments.Target[(block * 2 * channels) + channel] = sum;
        arguments.Target[(block * 2 * channels) + channels + channel] = product;
    }

    internal static void Combine(SumArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        int length = 2 * arguments.Channels.Value;
        if (i >= length)
        {
            return;
        }

        CompensatedSum sum = default;
        for (int block = 0; block < arguments.Blocks; block++)
        {
            sum = CompensatedSum.Add(sum, arguments.A[(block * length) + i]);
        }

        arguments.Target[i] = (sum.High + sum.Low) * arguments.Factor;
    }

    internal static void Finish(ChannelArguments arguments)
    {
        int c = Grid.GlobalIndex.X;
        if (c < arguments.Channels)
        {
            float variance = BatchNormOperator.Variance(arguments.Sums[c], arguments.Sums[arguments.Channels + c]);
            float mean = arguments.Mean[c] + arguments.Sums[c];
            arguments.Mean[c] = mean;
            arguments.Inverse[c] = BatchNormOperator.Inverse(variance, arguments.Epsilon);
            arguments.RunningMean[c] = BatchNormOperator.Moved(arguments.RunningMean[c], mean, arguments.Momentum);
            arguments.RunningVariance[c] = BatchNormOperator.Moved(arguments.RunningVariance[c], variance * arguments.Unbiased, arguments.Momentum);
        }
    }

    internal static void TakeRunning(ChannelArguments arguments)
    {
        int c = Grid.GlobalIndex.X;
        if (c < arguments.Channels)
        {
            arguments.Mean[c] = arguments.RunningMean[c];
            arguments.Inverse[c] = BatchNormOperator.Inverse(arguments.RunningVariance[c], arguments.Epsilon);
        }
    }

    internal static void Parameters(ChannelArguments arguments)
    {
        int c = Grid.GlobalIndex.X;
        if (c < arguments.Channels)
        {
            arguments.SecondTarget[c] = arguments.Sums[c];
            arguments.FirstTarget[c] = arguments.Sums[arguments.Channels + c] * arguments.Inverse[c];
        }
    }

    internal static void Normalize(ElementArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Rows * arguments.Channels.Value)
        {
            int c = i - (arguments.Channels.Divide(i) * arguments.Channels.Value);
            arguments.Target[i] = BatchNormOperator.Normalize<float, SimdScalar>(
                arguments.X[i], arguments.Mean[c], arguments.Inverse[c], arguments.Weight[c], arguments.Other[c], arguments.Number);
        }
    }

    internal static void Backward(ElementArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Rows * arguments.Channels.Value)
        {
            int c = i - (arguments.Channels.Divide(i) * arguments.Channels.Value);
            arguments.Target[i] = BatchNormOperator.BackwardInput<float, SimdScalar>(
                arguments.X[i], arguments.Dy[i], arguments.Mean[c], arguments.Inverse[c], arguments.Weight[c], arguments.Other[c], arguments.Other[arguments.Channels.Value + c], arguments.Number);
        }
    }

    internal static void Fold(FoldArguments arguments)
    {
        int i = Grid.GlobalIndex.X;
        if (i < arguments.Length)
        {
            int c = arguments.Row.Divide(i);
            arguments.Values.FirstTarget[i] = arguments.Weight[i] * (arguments.Values.Inverse[c] * arguments.Values.Weight[c]);
        }
        else if (i < arguments.Length + arguments.Values.Channels)
        {
            int c = i - arguments.Length;
            float scale = arguments.Values.Inverse[c] * arguments.Values.Weight[c];
            arguments.Values.SecondTarget[c] = ((arguments.Bias[c] - arguments.Values.Mean[c]) * scale) + arguments.Values.Bias[c];
        }
    }

    private ChannelArguments Arguments(BatchNormValues values, Tensor<float> firstTarget, Tensor<float> secondTarget, float unbiased) => new()
    {
        Mean = IlgpuDevice.View(Mean),
        Inverse = IlgpuDevice.View(Inverse),
        Sums = IlgpuDevice.View(Sums),
        Weight = IlgpuDevice.View(values.Weight),
        Bias = IlgpuDevice.View(values.Bias),
        RunningMean = IlgpuDevice.View(values.RunningMean),
        RunningVariance = IlgpuDevice.View(values.RunningVariance),
        FirstTarget = IlgpuDevice.View(firstTarget),
        SecondTarget = IlgpuDevice.View(secondTarget),
        Channels = Geometry.Channels,
        Momentum = Geometry.Momentum,
        Epsilon = Geometry.Epsilon,
        Unbiased = unbiased,
    };

    internal readonly struct SumArguments(
        ArrayView<float> a, ArrayView<float> centerA, ArrayView<float> b, ArrayView<float> centerB, ArrayView<float> target, int channels, int blocks, int rows, int rowsPerBlock, float factor)
    {
        public readonly ArrayView<float> A = a;
        public readonly ArrayView<float> CenterA = centerA;
        public readonly ArrayView<float> B = b;
        public readonly ArrayView<float> CenterB = centerB;
        public readonly ArrayView<float> Target = target;
        public readonly Divisor Channels = new(channels);
        public readonly int Blocks = blocks;
        public readonly int Rows = rows;
        public readonly int RowsPerBlock = rowsPerBlock;
        public readonly float Factor = factor;
    }

    /// <summary>Arguments of the kernels with a thread per channel; a kernel takes what it needs.</summary>
    internal struct ChannelArguments
    {
        public ArrayView<float> Mean;
        public ArrayView<float> Inverse;
        public ArrayView<float> Sums;
        public ArrayView<float> Weight;
        public ArrayView<float> Bias;
        public ArrayView<float> RunningMean;
        public ArrayView<float> RunningVariance;
        public ArrayView<float> FirstTarget;
        public ArrayView<float> SecondTarget;
        public int Channels;
        public float Momentum;
        public float Epsilon;
        public float Unbiased;
    }

    internal readonly struct ElementArguments(
        ArrayView<float> x, ArrayView<float> dy, ArrayView<float> target, ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> weight, ArrayView<float> other, int channels, int rows, float number)
    {
        public readonly ArrayView<float> X = x;
        public readonly ArrayView<float> Dy = dy;
        public readonly ArrayView<float> Target = target;
        public readonly ArrayView<float> Mean = mean;
        public readonly ArrayView<float> Inverse = inverse;
        public readonly ArrayView<float> Weight = weight;

        /// <summary>The bias, or the sums.</summary>
        public readonly ArrayView<float> Other = other;
        public readonly Divisor Channels = new(channels);
        public readonly int Rows = rows;

        /// <summary>The floor, or the share of the sums.</summary>
        public readonly float Number = number;
    }

    internal readonly struct FoldArguments(ArrayView<float> weight, ArrayView<float> bias, ChannelArguments values, int row, int length)
    {
        public readonly ArrayView<float> Weight = weight;
        public readonly ArrayView<float> Bias = bias;
        public readonly ChannelArguments Values = values;
        public readonly Divisor Row = new(row);
        public readonly int Length = length;
    }
}
