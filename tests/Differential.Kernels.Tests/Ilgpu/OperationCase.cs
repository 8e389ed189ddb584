using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Gemm;
using Differential.Kernels.Losses;
using Differential.Kernels.Normalization;
using Differential.Kernels.Pooling;
using Differential.Kernels.Rows;
using Differential.Kernels.Tests.Reference;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>One row of the table of operations and awkward shapes: what a device makes of seeded inputs.</summary>
/// <param name="Name">The operation and its shape.</param>
/// <param name="Run">Runs it and returns everything it writes.</param>
internal sealed record OperationCase(string Name, Func<ComputeDevice, float[]> Run)
{
    /// <summary>Every operation: batch 1, primes, non-square, larger than a tile, unaligned, and sizes that vector loads take.</summary>
    public static IReadOnlyList<OperationCase> All { get; } =
    [
        .. Convolutions().Select(c => new OperationCase($"Conv2d {c.Geometry} x {c.Count}", device => Convolve(device, c.Geometry, c.Count))),
        .. DenseSizes().Select(c => new OperationCase($"Dense {c.Inputs} to {c.Outputs} x {c.Count}", device => Multiply(device, c.Inputs, c.Outputs, c.Count))),
        .. Pools().Select(c => new OperationCase($"Pool2d {c.Kind} {c.Geometry}", device => Pool(device, c.Kind, c.Geometry, 3))),
        .. from count in (int[])[1, 2, 13, 37]
           from surrogate in Enum.GetValues<Surrogate>()
           from pairs in Enum.GetValues<PairSelection>()
           select new OperationCase($"PairwiseDifference {surrogate} {pairs} {count}", device => Pairs(device, new PairwiseForm(surrogate, pairs, 1.5f, 0.1f), count)),
        .. from count in (int[])[1, 19, 131]
           from surrogate in Enum.GetValues<Surrogate>()
           select new OperationCase($"PointwiseLoss {surrogate} {count}", device => Points(device, surrogate, count)),
        .. from count in (int[])[1, 19, 131]
           select new OperationCase($"SoftmaxCrossEntropy 3 x {count}", device => Classify(device, 3, count)),
        .. from scores in (int[])[1, 3]
           select new OperationCase($"PointwiseLoss with class weights, {scores} scores", device => WeighPoints(device, scores, 21)),
        new("SoftmaxCrossEntropy with class weights", device => Classify(device, 3, 19, [0.5f, 2, 0])),
        .. from length in (int[])[1, 17, 100]
           from norm in (RowNorm[])[RowNorm.Linf, RowNorm.L2]
           select new OperationCase($"BallStep and RowArithmetic {norm} {length} x 3", device => Perturb(device, norm, length, 3)),
        .. from length in (int[])[1, 17, 100, 1000]
           select new OperationCase($"BallStep, projection in L1, {length} x 3", device => ProjectL1(device, length, 3)),
        .. from scores in (int[])[1, 2, 5]
           from length in (int[])[1, 37]
           select new OperationCase($"FlipWatch {length} x 7, {scores} scores", device => Watch(device, length, scores, 7)),
        new("Relu 131", device => Apply(device, 131, (d, x, y) =>
        {
            using Relu relu = Relu.Create(d);
            relu.Forward(x, y, x.Length);
            relu.Backward(y, x, y, x.Length);
        })),
        .. from c in (BatchNormGeometry[])[new(1, 1, 0.1f, 1e-5f), new(3, 37, 0.1f, 1e-5f), new(16, 64, 1, 1e-3f), new(17, 200, 0.3f, 1e-5f)]
           select new OperationCase($"BatchNorm {c.Channels} x {c.MaxRows}", device => Normalize(device, c)),
        .. from c in (int[][])[[1, 1, 1], [35, 3, 2], [12, 17, 3]]
           select new OperationCase($"GlobalAveragePool {c[0]} x {c[1]} x {c[2]}", device => PoolAll(device, c[0], c[1], c[2])),
        new("Dropout 131", device => Apply(device, 131, (d, x, y) =>
        {
            using Dropout dropout = Dropout.Create(d);
            using Tensor<int> key = d.Allocate<int>(new Shape(Dropout.KeyLength));
            key.Write([-1_234_567, 89]);
            dropout.Apply(x, key, 0.4, y, x.Length);
        })),
        new("LeakyRelu 131", device => Apply(device, 131, (d, x, y) =>
        {
            using LeakyRelu relu = LeakyRelu.Create(d);
            relu.Forward(x, 0.1f, y, x.Length);
            relu.Backward(x, 0.3f, y, y, x.Length);
        })),
        .. from kind in Enum.GetValues<ActivationKind>()
           select new OperationCase($"Activation {kind} 131", device => Apply(device, 131, (d, x, y) =>
           {
               using Activation activation = Activation.Create(d, kind, 0.2f, 0.7f);
               activation.Forward(x, y, x.Length);
               activation.Backward(x, y, y, x.Length);
           })),
        .. from kind in Enum.GetValues<ArithmeticKind>()
           select new OperationCase($"Arithmetic {kind} 131", device => Apply(device, 131, (d, x, y) =>
           {
               using ElementArithmetic arithmetic = ElementArithmetic.Create(d, kind);
               using Tensor<float> other = d.Allocate(new Shape(131), [.. Values.Random(2, 131).Select(value => value + 1.5f)]);
               arithmetic.Forward(x, other, y, x.Length);
               arithmetic.Backward(1, x, other, y, y, x.Length);
           })),
        new("ElementGather 60 to 70", device => Apply(device, 210, (d, x, y) =>
        {
            using ElementGather gather = ElementGather.Create(d);
            using Tensor<int> index = d.Allocate<int>(new Shape(70));
            index.Write([.. Enumerable.Range(0, 70).Select(i => i % 11 == 3 ? -1 : i * 7 % 60)]);
            gather.Gather(x, 60, index, 0.5f, y, 70, 3);
            using Tensor<int> order = d.Allocate<int>(new Shape(60));
            order.Write([.. Enumerable.Range(0, 60).Select(i => i * 7 % 60)]);
            using Tensor<float> turned = d.Allocate(new Shape(180));
            gather.Scatter(y, 60, order, turned, 60, 3);
            using Tensor<int> starts = d.Allocate<int>(new Shape(71));
            starts.Write([.. Enumerable.Range(0, 71).Select(i => Math.Min(i * 2, 60))]);
            gather.Sum(turned, 60, starts, order, y, 70, 3);
        })),
        .. from g in (GroupConv2dGeometry[])
           [
               new(5, 4, 6, 6, 6, new(3, 1, 1, 1, 1), new(3, 1, 1, 1, 1)), new(9, 7, 17, 17, 17, new(3, 2, 1, 0, 1), new(3, 2, 1, 1, 0)), new(6, 5, 6, 9, 3, new(3, 1, 2, 2, 2), new(2, 2, 1, 0, 1)),
           ]
           select new OperationCase($"GroupConv2d {g}", device => GroupConvolve(device, g, 3)),
        new("Addition 131", device => Apply(device, 131, (d, x, y) =>
        {
            using Addition sum = Addition.Create(d);
            using Tensor<float> other = d.Allocate(new Shape(131), Values.Random(2, 131));
            sum.Forward(x, other, y, x.Length);
            sum.Forward(y, x, y, x.Length, relu: true);
        })),
        new("MaxMin 134", device => Apply(device, 134, (d, x, y) =>
        {
            using MaxMin sort = MaxMin.Create(d);
            sort.Forward(x, y, x.Length);
            sort.Backward(x, y, y, x.Length);
        })),
        new("NormDivision 131", device => Apply(device, 131, (d, x, y) =>
        {
            using NormDivision division = NormDivision.Create(d);
            using Tensor<float> sigma = d.Allocate(new Shape(1), [1.7f]);
            using Tensor<float> dot = d.Allocate(new Shape(1), [-0.6f]);
            division.Forward(x, sigma, y, x.Length);
            division.Backward(y, dot, x, sigma, y, x.Length);
        })),
        new("ChannelAffine 3 channels", device => Apply(device, 3 * 37, (d, x, y) =>
        {
            using ChannelAffine affine = ChannelAffine.Create(d);
            using Tensor<float> mean = d.Allocate(new Shape(3), [0.1f, -0.4f, 0.7f]);
            affine.Forward(x, mean, 0.3f, y, x.Length);
            affine.Backward(y, 1.7f, y, x.Length);
        })),
        new("ChannelOrder 35 x 3 x 2", device => Apply(device, 35 * 3 * 2, (d, x, y) =>
        {
            using ChannelOrder order = ChannelOrder.Create(d, 35, 3);
            using Tensor<float> between = d.Allocate(new Shape(x.Length));
            order.ToChannelsFirst(x, between, 1);
            order.ToChannelsLast(x, y, 2);
            y.CopyFrom(between, 35 * 3);
        })),
        new("RowGather 5 of 7", Gather),
        new("Sgd, Adam and normalized gradient", Optimize),
    ];

    public override string ToString() => Name;

    private static IEnumerable<(Conv2dGeometry Geometry, int Count)> Convolutions() =>
    [
        (new(1, 1, 1, 1, 1, 1, 0), 1),
        (new(5, 7, 3, 2, 3, 1, 1), 1),
        (new(6, 5, 4, 8, 3, 2, 1), 3),
        (new(7, 4, 5, 19, 2, 3, 0), 2),
        (new(8, 8, 8, 20, 3, 1, 1), 2),
        (new(4, 6, 2, 3, 4, 1, 2), 2),
    ];

    private static IEnumerable<(int Inputs, int Outputs, int Count)> DenseSizes() => [(1, 1, 1), (7, 5, 3), (64, 36, 20), (37, 1, 17), (130, 33, 2), (600, 5, 3)];

    private static IEnumerable<(PoolKind Kind, Pool2dGeometry Geometry)> Pools() =>
        from kind in Enum.GetValues<PoolKind>()
        from geometry in (Pool2dGeometry[])[new(4, 6, 3, 2, 2), new(7, 5, 2, 3, 1), new(5, 5, 4, 2, 3)]
        select (kind, geometry);

    private static float[] GroupConvolve(ComputeDevice device, GroupConv2dGeometry g, int count)
    {
        using GroupConv2d operation = GroupConv2d.Create(device, g);
        using Tensor<float> x = device.Allocate(new Shape(count * g.InputLength), Values.Random(1, count * g.InputLength));
        using Tensor<float> weight = device.Allocate(new Shape(g.WeightLength), Values.Random(2, g.WeightLength));
        using Tensor<float> bias = device.Allocate(new Shape(g.Filters), Values.Random(3, g.Filters));
        using Tensor<float> y = device.Allocate(new Shape(count * g.OutputLength));
        using Tensor<float> plain = device.Allocate(new Shape(count * g.OutputLength));
        using Tensor<float> dx = device.Allocate(new Shape(count * g.InputLength));
        operation.Forward(x, weight, bias, y, count);
        operation.Forward(x, weight, null, plain, count);
        operation.BackwardInput(y, weight, dx, count);
        return [.. y.ToArray(), .. plain.ToArray(), .. dx.ToArray()];
    }

    private static float[] Convolve(ComputeDevice device, Conv2dGeometry g, int count)
    {
        using Conv2d conv = Conv2d.Create(device, g, count + 1);
        using Tensor<float> x = device.Allocate(new Shape(count * g.InputLength), Values.Random(1, count * g.InputLength));
        using Tensor<float> weight = device.Allocate(new Shape(g.WeightLength), Values.Random(2, g.WeightLength));
        using Tensor<float> bias = device.Allocate(new Shape(g.Filters), Values.Random(3, g.Filters));
        using Tensor<float> dy = device.Allocate(new Shape(count * g.OutputLength), Values.Random(4, count * g.OutputLength));
        using Tensor<float> y = device.Allocate(new Shape(dy.Length));
        using Tensor<float> plain = device.Allocate(new Shape(dy.Length));
        using Tensor<float> dx = device.Allocate(new Shape(x.Length));
        using Tensor<float> dWeight = device.Allocate(new Shape(weight.Length));
        using Tensor<float> dBias = device.Allocate(new Shape(bias.Length));
        conv.Forward(x, weight, bias, true, y, count);
        conv.Forward(x, weight, null, false, plain, count);
        conv.BackwardInput(dy, weight, dx, count);
        conv.BackwardWeight(x, dy, dWeight, dBias, count);
        return [.. y.ToArray(), .. plain.ToArray(), .. dx.ToArray(), .. dWeight.ToArray(), .. dBias.ToArray()];
    }

    private static float[] Multiply(ComputeDevice device, int inputs, int outputs, int count)
    {
        using Dense dense = Dense.Create(device, inputs, outputs, count);
        using Tensor<float> x = device.Allocate(new Shape(count, inputs), Values.Random(1, count * inputs));
        using Tensor<float> weight = device.Allocate(new Shape(outputs, inputs), Values.Random(2, outputs * inputs));
        using Tensor<float> bias = device.Allocate(new Shape(outputs), Values.Random(3, outputs));
        using Tensor<float> dy = device.Allocate(new Shape(count, outputs), Values.Random(4, count * outputs));
        using Tensor<float> y = device.Allocate(dy.Shape);
        using Tensor<float> dx = device.Allocate(x.Shape);
        using Tensor<float> dWeight = device.Allocate(weight.Shape);
        using Tensor<float> dBias = device.Allocate(bias.Shape);
        dense.Forward(x, weight, bias, true, y, count);
        dense.BackwardInput(dy, weight, dx, count);
        dense.BackwardWeight(x, dy, dWeight, dBias, count);
        return [.. y.ToArray(), .. dx.ToArray(), .. dWeight.ToArray(), .. dBias.ToArray()];
    }

    private static float[] Pool(ComputeDevice device, PoolKind kind, Pool2dGeometry g, int count)
    {
        using Pool2d pool = Pool2d.Create(device, kind, g);

        // Few different values, so that windows have equal largest ones.
        using Tensor<float> x = device.Allocate(new Shape(count * g.InputLength), [.. Values.Random(1, count * g.InputLength).Select(v => MathF.Round(v * 2))]);
        using Tensor<float> dy = device.Allocate(new Shape(count * g.OutputLength), Values.Random(2, count * g.OutputLength));
        using Tensor<float> y = device.Allocate(dy.Shape);
        using Tensor<float> dx = device.Allocate(x.Shape);
        pool.Forward(x, y, count);
        pool.Backward(x, y, dy, dx, count);
        return [.. y.ToArray(), .. dx.ToArray()];
    }

    private static float[] Normalize(ComputeDevice device, BatchNormGeometry geometry)
    {
        (int channels, int rows) = (geometry.Channels, geometry.MaxRows);
        using BatchNorm norm = BatchNorm.Create(device, geometry);
        using Tensor<float> x = device.Allocate(new Shape(rows, channels), [.. Values.Random(1, rows * channels).Select((v, i) => v + (i % channels))]);
        using Tensor<float> dy = device.Allocate(x.Shape, Values.Random(2, x.Length));
        using Tensor<float> weight = device.Allocate(new Shape(channels), Values.Random(3, channels));
        using Tensor<float> bias = device.Allocate(new Shape(channels), Values.Random(4, channels));
        using Tensor<float> mean = device.Allocate(new Shape(channels), Values.Random(5, channels));
        using Tensor<float> variance = device.Allocate(new Shape(channels), [.. Values.Random(6, channels).Select(static v => v + 1.5f)]);
        using Tensor<float> map = device.Allocate(new Shape(channels, 7), Values.Random(7, channels * 7));
        using Tensor<float> folded = device.Allocate(map.Shape);
        using Tensor<float> foldedBias = device.Allocate(bias.Shape);
        using Tensor<float> y = device.Allocate(x.Shape);
        using Tensor<float> dx = device.Allocate(x.Shape);
        using Tensor<float> dWeight = device.Allocate(weight.Shape);
        using Tensor<float> dBias = device.Allocate(bias.Shape);
        var values = new BatchNormValues(weight, bias, mean, variance);
        norm.ForwardInfer(x, values, y, rows, relu: false);
        norm.BackwardInput(x, dy, weight, dx, rows);
        norm.Fold(map, null, values, folded, foldedBias);
        float[] evaluated = [.. y.ToArray(), .. dx.ToArray(), .. folded.ToArray(), .. foldedBias.ToArray()];
        norm.ForwardTrain(x, values, y, rows, relu: true);
        norm.BackwardParameters(x, dy, dWeight, dBias, rows);
        norm.BackwardInput(x, dy, weight, dx, rows);
        float[] trained = [.. y.ToArray(), .. dx.ToArray(), .. dWeight.ToArray(), .. dBias.ToArray(), .. mean.ToArray(), .. variance.ToArray()];
        norm.Fold(map, bias, values, folded, foldedBias);
        return [.. evaluated, .. trained, .. folded.ToArray(), .. foldedBias.ToArray()];
    }

    private static float[] PoolAll(ComputeDevice device, int pixels, int channels, int count)
    {
        using GlobalAveragePool pool = GlobalAveragePool.Create(device, pixels, channels);
        using Tensor<float> x = device.Allocate(new Shape(count, pixels, channels), Values.Random(1, count * pixels * channels));
        using Tensor<float> y = device.Allocate(new Shape(count, channels));
        using Tensor<float> dx = device.Allocate(x.Shape);
        pool.Forward(x, y, count);
        pool.Backward(y, dx, count);
        return [.. y.ToArray(), .. dx.ToArray()];
    }

    private static float[] Pairs(ComputeDevice device, PairwiseForm form, int count)
    {
        using PairwiseDifference pairwise = PairwiseDifference.Create(device, form, count + 3);
        return Score(device, count, (scores, labels, gradient, loss) => pairwise.Compute(scores, labels, gradient, loss, count));
    }

    private static float[] Points(ComputeDevice device, Surrogate surrogate, int count)
    {
        using PointwiseLoss pointwise = PointwiseLoss.Create(device, surrogate, count, 0.7f, 0.2f);
        return Score(device, count, (scores, labels, gradient, loss) => pointwise.Compute(scores, labels, gradient, loss, count));
    }

    private static float[] WeighPoints(ComputeDevice device, int scores, int count)
    {
        var form = new PointwiseForm(Surrogate.Logistic, 0.7f, 0.2f, scores, scores == 1 ? [0.25f, 3] : [0.25f, 3, 1]);
        using PointwiseLoss pointwise = PointwiseLoss.Create(device, form, count);
        return Score(device, count, (values, labels, gradient, loss) => pointwise.Compute(values, labels, gradient, loss, count));
    }

    private static float[] Classify(ComputeDevice device, int classes, int count, float[]? weights = null)
    {
        using SoftmaxCrossEntropy softmax = SoftmaxCrossEntropy.Create(device, classes, count, 0.7, 0.2, weights);
        using Tensor<float> scores = device.Allocate(new Shape(count * classes), [.. Values.Random(1, count * classes).Select(v => v * 6)]);
        using Tensor<float> labels = device.Allocate(scores.Shape, [.. Enumerable.Range(0, scores.Length).Select(i => i % classes == i / classes % classes ? 1f : -1f)]);
        using Tensor<float> gradient = device.Allocate(scores.Shape);
        using Tensor<float> loss = device.Allocate(new Shape(1));
        gradient.Fill(float.NaN);
        softmax.Compute(scores, labels, gradient, loss, count);
        return [.. gradient.ToArray(), .. loss.ToArray()];
    }

    private static float[] Score(ComputeDevice device, int count, Action<Tensor<float>, Tensor<float>, Tensor<float>, Tensor<float>> compute)
    {
        using Tensor<float> scores = device.Allocate(new Shape(count), [.. Values.Random(1, count).Select(v => v * 6)]);
        using Tensor<float> labels = device.Allocate(new Shape(count), [.. Values.Random(2, count).Select(v => v > 0.2f ? 1f : -1f)]);
        using Tensor<float> gradient = device.Allocate(new Shape(count));
        using Tensor<float> loss = device.Allocate(new Shape(1));
        gradient.Fill(float.NaN);
        compute(scores, labels, gradient, loss);
        return [.. gradient.ToArray(), .. loss.ToArray()];
    }

    private static float[] Perturb(ComputeDevice device, RowNorm norm, int length, int count)
    {
        using BallStep ball = BallStep.Create(device, length, count);
        using RowArithmetic rows = RowArithmetic.Create(device, length, count);
        var shape = new Shape(count, length);
        using Tensor<float> origin = device.Allocate(shape, [.. Values.Random(1, shape.Length).Select(v => (v + 1) / 2)]);
        using Tensor<float> x = device.Allocate(shape, [.. Values.Random(2, shape.Length).Select(v => (v + 1) / 2)]);

        // A gradient of usual size, one whose squares vanish in float, and none at all.
        using Tensor<float> gradient = device.Allocate(shape, [.. Values.Random(3, shape.Length).Select((v, i) => v * (i / length) switch { 0 => 1, 1 => 1e-30f, _ => 0 })]);
        using Tensor<float> steps = device.Allocate(new Shape(count), [0.3f, 0.2f, 0.1f]);
        using Tensor<float> radii = device.Allocate(new Shape(count), [0.5f, 0.1f, 9]);
        using Tensor<float> numbers = device.Allocate(new Shape(count));
        using Tensor<float> mixed = device.Allocate(shape);
        List<float> results = [];
        ball.Move(x, gradient, norm, steps, count);
        results.AddRange(x.ToArray());
        ball.Step(x, gradient, origin, norm, steps, radii, 0, 1, count);
        results.AddRange(x.ToArray());
        rows.Combine(steps, x, radii, origin, mixed, count);
        results.AddRange(mixed.ToArray());
        ball.Project(mixed, origin, norm, radii, 0, 1, count);
        results.AddRange(mixed.ToArray());
        foreach (RowNorm kind in Enum.GetValues<RowNorm>())
        {
            rows.Norms(x, origin, kind, numbers, count);
            results.AddRange(numbers.ToArray());
            rows.Norms(x, null, kind, numbers, count);
            results.AddRange(numbers.ToArray());
        }

        rows.Dots(x, origin, numbers, count);
        results.AddRange(numbers.ToArray());
        rows.Clip(mixed, 0.25f, 0.5f, count);
        results.AddRange(mixed.ToArray());
        return [.. results];
    }

    private static float[] ProjectL1(ComputeDevice device, int length, int count)
    {
        using BallStep ball = BallStep.Create(device, length, count);
        var shape = new Shape(count, length);
        using Tensor<float> origin = device.Allocate(shape, [.. Values.Random(1, shape.Length).Select(v => (v + 1) / 2)]);
        using Tensor<float> x = device.Allocate(shape, [.. Values.Random(2, shape.Length).Select(v => (v + 1) / 2)]);

        // A ball that cuts most changes off, one that cuts few, and one that holds the row.
        using Tensor<float> radii = device.Allocate(new Shape(count), [0.1f, length / 5f, length]);
        ball.Project(x, origin, RowNorm.L1, radii, 0, 1, count);
        return x.ToArray();
    }

    /// <summary>Three steps of seven rows, each with other scores and norms; one row is nobody's.</summary>
    private static float[] Watch(ComputeDevice device, int length, int scores, int count)
    {
        using FlipWatch watch = FlipWatch.Create(device, length, scores, count + 1);
        watch.Thresholds.Write(Values.Random(1, scores));
        watch.Labels.Write([.. Enumerable.Range(0, count + 1).Select(i => scores == 1 ? (i % 2 * 2) - 1 : i % scores)]);
        watch.Labels.Slice(count + 1, new Shape(count + 1)).Write([.. Enumerable.Range(0, count + 1).Select(i => i % 3 == 0 && scores > 2 ? (i + 1) % scores : -1)]);
        watch.States.Write([.. Enumerable.Range(0, count).Select(i => i == 4 ? (int)RowState.Idle : 0)]);
        var shape = new Shape(count, length);
        using Tensor<float> x = device.Allocate(shape, Values.Random(2, shape.Length));
        using Tensor<float> origin = device.Allocate(shape, Values.Random(3, shape.Length));
        using Tensor<float> found = device.Allocate(shape);
        using Tensor<float> values = device.Allocate(new Shape(count * scores));
        using Tensor<float> slopes = device.Allocate(new Shape(count * scores));
        using Tensor<float> norms = device.Allocate(new Shape(count));
        List<float> results = [];
        for (int step = 0; step < 3; step++)
        {
            values.Write([.. Values.Random(5 + step, values.Length).Select((v, i) => v + (i / scores == 1 && step == 0 ? float.NaN : (i / scores % 2 * 4) - 2))]);
            norms.Write([.. Enumerable.Range(0, count).Select(i => step == 1 && i is 1 or 3 ? i - 1f : step == 1 && i == 5 ? float.PositiveInfinity : 2)]);
            watch.Look(x, values, found, slopes, count);
            results.AddRange([.. slopes.ToArray(), .. found.ToArray(), .. watch.States.ToArray().Select(static state => (float)state)]);
            watch.Leave(norms, x, origin, count);
            results.AddRange([.. x.ToArray(), .. watch.States.ToArray().Concat(watch.Gradients.ToArray()).Select(static number => (float)number)]);
        }

        return [.. results];
    }

    private static float[] Apply(ComputeDevice device, int length, Action<ComputeDevice, Tensor<float>, Tensor<float>> operation)
    {
        using Tensor<float> x = device.Allocate(new Shape(length), Values.Random(1, length));
        using Tensor<float> y = device.Allocate(new Shape(length));
        operation(device, x, y);
        return y.ToArray();
    }

    private static float[] Gather(ComputeDevice device)
    {
        using RowGather gather = RowGather.Create(device);
        using Tensor<byte> bytes = device.Allocate<byte>(new Shape(7, 11));
        bytes.Write([.. Enumerable.Range(0, 77).Select(i => (byte)(i * 37))]);
        using Tensor<int> rows = device.Allocate<int>(new Shape(5));
        rows.Write([6, 0, 3, 2, 5]);
        using Tensor<float> floats = device.Allocate(new Shape(7, 11), Values.Random(1, 77));
        using Tensor<float> first = device.Allocate(new Shape(5, 11));
        using Tensor<float> second = device.Allocate(new Shape(5, 11));
        gather.Gather(bytes, rows, first, 11, 5);
        gather.Gather(floats, rows, second, 11, 5);
        gather.Scatter(first, rows, floats, 11, 5);
        return [.. first.ToArray(), .. second.ToArray(), .. floats.ToArray()];
    }

    private static float[] Optimize(ComputeDevice device)
    {
        const int Length = 131;
        using Tensor<float> weights = device.Allocate(new Shape(Length), Values.Random(1, Length));
        using Tensor<float> gradients = device.Allocate(new Shape(Length), Values.Random(2, Length));
        using Tensor<float> first = device.Allocate(new Shape(Length));
        using Tensor<float> second = device.Allocate(new Shape(Length));
        using Tensor<float> loss = device.Allocate(new Shape(1), [0.25f]);
        using Tensor<float> none = device.Allocate(new Shape(1));
        using Tensor<float> numbers = device.Allocate(new Shape(2));
        using SgdUpdate sgd = SgdUpdate.Create(device);
        using AdamUpdate adam = AdamUpdate.Create(device);
        using NormalizedGradientUpdate normalized = NormalizedGradientUpdate.Create(device);
        for (int step = 1; step <= 3; step++)
        {
            (float rate, float scale) = AdamUpdate.Numbers(step, 0.01f, 0.9f, 0.999f);
            numbers.Write([0.1f]);
            sgd.Step(weights, gradients, first, numbers, 0.9f, step == 2, 0.01f);
            numbers.Write([rate, scale]);
            adam.Step(weights, gradients, first, second, numbers, 0.9f, 0.999f, 1e-8f, 0.1f);
            numbers.Write([0.1f]);
            sgd.Step(weights, gradients, first, numbers, 0, false, 0.01f);
            numbers.Write([0.01f, 0.5f]);
            normalized.Step(weights, gradients, first, step == 2 ? none : loss, numbers);
        }

        return [.. weights.ToArray(), .. first.ToArray(), .. second.ToArray()];
    }
}
