using Differential.Benchmarks.Peers;
using Differential.Core.Networks;
using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Gemm;
using Differential.Kernels.Pooling;
using Differential.Kernels.Rows;

namespace Differential.Benchmarks.Kernels;

/// <summary>
/// The operations by name. Those that start with "cnn" are the ones of a training step of the network <c>cnn</c> at
/// batch 128; the input gradient of its first layer is made in attacks alone.
/// </summary>
internal static class KernelWorks
{
    private const int Batch = PeerWorks.BatchSize;

    private static readonly (string Name, Conv2dGeometry Geometry)[] Convolutions =
    [
        ("conv1", new Conv2dGeometry(32, 32, 3, 32, 3, 1, 1)),
        ("conv2", new Conv2dGeometry(32, 32, 32, 32, 3, 1, 1)),
        ("conv3", new Conv2dGeometry(16, 16, 32, 64, 3, 1, 1)),
        ("conv4", new Conv2dGeometry(16, 16, 64, 64, 3, 1, 1)),
    ];

    // Of resNet18; at batch 128 as well.
    private static readonly (string Name, Conv2dGeometry Geometry)[] LargeConvolutions =
    [
        ("64@32", new Conv2dGeometry(32, 32, 64, 64, 3, 1, 1)),
        ("64-128@32/2", new Conv2dGeometry(32, 32, 64, 128, 3, 2, 1)),
        ("1x1 64-128@32/2", new Conv2dGeometry(32, 32, 64, 128, 1, 2, 0)),
        ("128@16", new Conv2dGeometry(16, 16, 128, 128, 3, 1, 1)),
        ("128-256@16/2", new Conv2dGeometry(16, 16, 128, 256, 3, 2, 1)),
        ("256@8", new Conv2dGeometry(8, 8, 256, 256, 3, 1, 1)),
        ("256-512@8/2", new Conv2dGeometry(8, 8, 256, 512, 3, 2, 1)),
        ("512@4", new Conv2dGeometry(4, 4, 512, 512, 3, 1, 1)),
    ];

    public static IReadOnlyDictionary<string, Func<ComputeDevice, KernelWork>> All { get; } = Create();

    private static Dictionary<string, Func<ComputeDevice, KernelWork>> Create()
    {
        var works = new Dictionary<string, Func<ComputeDevice, KernelWork>>();
        foreach ((string name, Conv2dGeometry geometry) in Convolutions)
        {
            foreach (Direction direction in Enum.GetValues<Direction>())
            {
                works.Add($"{(geometry.Channels == 3 && direction == Direction.InputGradient ? "attack" : "cnn")} {name} {direction}", device => Convolution(device, geometry, direction));
                if (geometry.Channels > 3)
                {
                    works.Add($"fast {name} {direction}", device => Convolution(device, geometry, direction, ConvolutionMethod.Fast));
                }
            }
        }

        foreach ((string name, Conv2dGeometry geometry) in LargeConvolutions)
        {
            foreach (Direction direction in Enum.GetValues<Direction>())
            {
                works.Add($"resnet {name} {direction}", device => Convolution(device, geometry, direction));
                if (geometry is { Size: 3, Stride: 1 })
                {
                    works.Add($"resnet fast {name} {direction}", device => Convolution(device, geometry, direction, ConvolutionMethod.Fast));
                }
            }
        }

        foreach (Direction direction in Enum.GetValues<Direction>())
        {
            works.Add($"cnn dense1 {direction}", device => Dense(device, 4096, 128, direction));
            works.Add($"cnn dense2 {direction}", device => Dense(device, 128, 1, direction));
        }

        foreach ((string name, Pool2dGeometry geometry) in new[] { ("pool1", new Pool2dGeometry(32, 32, 32, 2, 2)), ("pool2", new Pool2dGeometry(16, 16, 64, 2, 2)) })
        {
            works.Add($"cnn {name} Forward", device => Pool(device, geometry, backward: false));
            works.Add($"cnn {name} InputGradient", device => Pool(device, geometry, backward: true));
        }

        works.Add("cnn relu gradient 32@32x32", device => Relu(device, 32 * 32 * 32));
        works.Add("cnn relu gradient 64@16x16", device => Relu(device, 64 * 16 * 16));
        int parameters = NetworkArchitecture.Create(Images.Size, new CnnOptions().LayerList).ParameterCount;
        works.Add("cnn sgd", device => Sgd(device, parameters));
        works.Add("adam", device => Adam(device, parameters));
        works.Add("normalized gradient", device => Normalized(device, parameters));
        works.Add("pgd step linf", device => Step(device, RowNorm.Linf));
        works.Add("pgd step l2", device => Step(device, RowNorm.L2));
        foreach (int count in new[] { 64, 5_000, 50_000 })
        {
            string name = FormattableString.Invariant($"{(count == 64 ? "cnn " : string.Empty)}pairs {count} x {count}");
            works.Add(name, device => PairsOf(device, count));
        }

        return works;
    }

    private static KernelWork Convolution(ComputeDevice device, Conv2dGeometry g, Direction direction, ConvolutionMethod method = ConvolutionMethod.Direct)
    {
        var room = new Room(device);
        Conv2d operation = room.Own(Conv2d.Create(device, g, Batch, method));
        Tensor<float> x = room.Filled(Batch * g.InputLength), w = room.Filled(g.WeightLength), b = room.Filled(g.Filters), y = room.Filled(Batch * g.OutputLength);
        Tensor<float> dx = room.Filled(Batch * g.InputLength), dw = room.Filled(g.WeightLength), db = room.Filled(g.Filters);
        return new KernelWork(
            direction switch
            {
                Direction.Forward => () => operation.Forward(x, w, b, true, y, Batch),
                Direction.InputGradient => () => operation.BackwardInput(y, w, dx, Batch),
                _ => () => operation.BackwardWeight(x, y, dw, db, Batch),
            },
            room.Owned)
        {
            Operations = 2.0 * Batch * g.OutputHeight * g.OutputWidth * g.WeightLength,
        };
    }

    private static KernelWork Dense(ComputeDevice device, int inputs, int outputs, Direction direction)
    {
        var room = new Room(device);
        Dense operation = room.Own(Differential.Kernels.Gemm.Dense.Create(device, inputs, outputs, Batch));
        Tensor<float> x = room.Filled(Batch * inputs), w = room.Filled(inputs * outputs), b = room.Filled(outputs), y = room.Filled(Batch * outputs);
        Tensor<float> dx = room.Filled(Batch * inputs), dw = room.Filled(inputs * outputs), db = room.Filled(outputs);
        return new KernelWork(
            direction switch
            {
                Direction.Forward => () => operation.Forward(x, w, b, true, y, Batch),
                Direction.InputGradient => () => operation.BackwardInput(y, w, dx, Batch),
                _ => () => operation.BackwardWeight(x, y, dw, db, Batch),
            },
            room.Owned)
        {
            Operations = 2.0 * Batch * inputs * outputs,
        };
    }

    private static KernelWork Pool(ComputeDevice device, Pool2dGeometry g, bool backward)
    {
        var room = new Room(device);
        Pool2d operation = room.Own(Pool2d.Create(device, PoolKind.Max, g));
        Tensor<float> x = room.Filled(Batch * g.InputLength), y = room.Filled(Batch * g.OutputLength), dx = room.Filled(Batch * g.InputLength);
        return new KernelWork(backward ? () => operation.Backward(x, y, y, dx, Batch) : () => operation.Forward(x, y, Batch), room.Owned)
        {
            Bytes = 4.0 * Batch * (g.OutputLength + ((backward ? 2 : 1) * g.InputLength)),
        };
    }

    private static KernelWork Relu(ComputeDevice device, int length)
    {
        var room = new Room(device);
        Relu operation = room.Own(Differential.Kernels.Elementwise.Relu.Create(device));
        Tensor<float> y = room.Filled(Batch * length), dy = room.Filled(Batch * length);
        return new KernelWork(() => operation.Backward(y, dy, dy, Batch * length), room.Owned) { Bytes = 12.0 * Batch * length };
    }

    internal static KernelWork Sgd(ComputeDevice device, int length)
    {
        var room = new Room(device);
        SgdUpdate operation = room.Own(SgdUpdate.Create(device));
        Tensor<float> w = room.Filled(length), g = room.Filled(length), v = room.Filled(length), rate = room.Of(1e-6f);
        return new KernelWork(() => operation.Step(w, g, v, rate, 0.9f, false, 0), room.Owned) { Bytes = 20.0 * length };
    }

    private static KernelWork Adam(ComputeDevice device, int length)
    {
        var room = new Room(device);
        AdamUpdate operation = room.Own(AdamUpdate.Create(device));
        Tensor<float> w = room.Filled(length), g = room.Filled(length), m = room.Zero(length), v = room.Zero(length), numbers = room.Of(1e-6f, 1);
        return new KernelWork(() => operation.Step(w, g, m, v, numbers, 0.9f, 0.999f, 1e-8f, 0), room.Owned) { Bytes = 28.0 * length };
    }

    private static KernelWork Normalized(ComputeDevice device, int length)
    {
        var room = new Room(device);
        NormalizedGradientUpdate operation = room.Own(NormalizedGradientUpdate.Create(device));
        Tensor<float> w = room.Filled(length), g = room.Filled(length), v = room.Zero(length), loss = room.Filled(1), numbers = room.Of(1e-6f, 0.9f);
        return new KernelWork(() => operation.Step(w, g, v, loss, numbers), room.Owned) { Bytes = 20.0 * length };
    }

    private static KernelWork Step(ComputeDevice device, RowNorm norm)
    {
        const int count = PeerWorks.AttackedImages;
        var room = new Room(device);
        int length = Images.Size.Length;
        BallStep operation = room.Own(BallStep.Create(device, length, count));
        Tensor<float> x = room.Filled(count * length), gradient = room.Filled(count * length), origin = room.Filled(count * length);
        Tensor<float> steps = room.Filled(count), radii = room.Filled(count);
        return new KernelWork(() => operation.Step(x, gradient, origin, norm, steps, radii, 0, 1, count), room.Owned) { Bytes = 16.0 * count * length };
    }

    internal static KernelWork PairsOf(ComputeDevice device, int count)
    {
        var pairs = new Pairs(device, count);
        return new KernelWork(pairs.Run, [pairs]) { Pairs = (double)count * count };
    }
}
