using Differential.Kernels.Convolution;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;
using Differential.Kernels.Gemm;
using Differential.Kernels.Losses;
using Differential.Kernels.Pooling;
using Differential.Kernels.Rows;
using Differential.Kernels.Tests.Reference;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>Ten training steps of a small network and ten steps of an attack on it, device against device.</summary>
[Collection(IlgpuDevices.Collection)]
public class TrainingParityTests(IlgpuDevices devices)
{
    private const int Count = 6;

    /// <summary>Rounding differences of one step that ten steps carry on.</summary>
    private const double Absolute = 2e-5;

    private const double Relative = 1e-4;

    private static readonly Conv2dGeometry Conv = new(6, 6, 2, 5, 3, 1, 1);
    private static readonly Pool2dGeometry Pool = new(6, 6, 5, 2, 2);

    public static TheoryData<string> Names => [.. IlgpuDevices.Names];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void TenStepsAndAttack_OnIlgpuDevice_AsOnSimd(string name)
    {
        ComputeDevice device = devices.Open(name);
        using var simd = new SimdDevice(threads: 1);
        float[] expected = Run(simd);
        float[] actual = Run(device);
        Assert.All(expected, (value, i) => Assert.True(Math.Abs(value - actual[i]) <= Absolute + (Relative * Math.Abs(value)), $"element {i} is {actual[i]:G9}; on simd {value:G9}"));
        Assert.Equal(actual, Run(device));
    }

    /// <summary>The losses of the steps, the weights after them, and the attacked inputs.</summary>
    private static float[] Run(ComputeDevice device)
    {
        int weights = Conv.WeightLength + Conv.Filters + Pool.OutputLength + 1;
        using Tensor<float> parameters = device.Allocate(new Shape(weights), [.. Values.Random(1, weights).Select(v => v * 0.3f)]);
        using Tensor<float> gradients = device.Allocate(new Shape(weights));
        using Tensor<float> velocity = device.Allocate(new Shape(weights));
        using var network = new Network(device, parameters, gradients);
        using SgdUpdate sgd = SgdUpdate.Create(device);
        using PairwiseDifference loss = PairwiseDifference.Create(device, new PairwiseForm(Surrogate.Logistic, PairSelection.All), Count);
        using Tensor<float> x = device.Allocate(new Shape(Count, Conv.InputLength), [.. Values.Random(2, Count * Conv.InputLength).Select(v => (v + 1) / 2)]);
        using Tensor<float> labels = device.Allocate(new Shape(Count), [.. Enumerable.Range(0, Count).Select(i => i % 3 == 0 ? 1f : -1f)]);
        using Tensor<float> mean = device.Allocate(new Shape(1));
        using Tensor<float> rate = device.Allocate(new Shape(1), [0.1f]);
        List<float> results = [];
        for (int step = 0; step < 10; step++)
        {
            network.Forward(x);
            loss.Compute(network.Scores, labels, network.ScoreGradients, mean, Count);
            network.Backward(x);
            sgd.Step(parameters, gradients, velocity, rate, 0.9f, true, 1e-4f);
            results.AddRange(mean.ToArray());
        }

        results.AddRange(parameters.ToArray());
        using BallStep attack = BallStep.Create(device, Conv.InputLength, Count);
        using Tensor<float> moved = device.Allocate(x.Shape);
        using Tensor<float> steps = device.Allocate(new Shape(Count));
        using Tensor<float> radii = device.Allocate(new Shape(Count));
        steps.Fill(0.1f);
        radii.Fill(0.5f);
        moved.CopyFrom(x, x.Length);
        network.ScoreGradients.CopyFrom(labels, Count);
        for (int step = 0; step < 10; step++)
        {
            network.Forward(moved);
            network.Backward(moved);
            attack.Step(moved, network.InputGradients, x, RowNorm.L2, steps, radii, 0, 1, Count);
        }

        results.AddRange(moved.ToArray());
        return [.. results];
    }

    /// <summary>Convolution with ReLU, pooling, dense layer.</summary>
    private sealed class Network(ComputeDevice device, Tensor<float> parameters, Tensor<float> gradients) : IDisposable
    {
        private readonly Conv2d _conv = Conv2d.Create(device, Conv, Count);
        private readonly Pool2d _pool = Pool2d.Create(device, PoolKind.Max, Pool);
        private readonly Dense _dense = Dense.Create(device, Pool.OutputLength, 1, Count);
        private readonly Relu _relu = Relu.Create(device);
        private readonly Tensor<float> _map = device.Allocate(new Shape(Count, Conv.OutputLength));
        private readonly Tensor<float> _mapGradients = device.Allocate(new Shape(Count, Conv.OutputLength));
        private readonly Tensor<float> _pooled = device.Allocate(new Shape(Count, Pool.OutputLength));
        private readonly Tensor<float> _pooledGradients = device.Allocate(new Shape(Count, Pool.OutputLength));

        public Tensor<float> Scores { get; } = device.Allocate(new Shape(Count));

        public Tensor<float> ScoreGradients { get; } = device.Allocate(new Shape(Count));

        public Tensor<float> InputGradients { get; } = device.Allocate(new Shape(Count, Conv.InputLength));

        public void Forward(Tensor<float> x)
        {
            _conv.Forward(x, Part(parameters, 0), Part(parameters, 1), true, _map, Count);
            _pool.Forward(_map, _pooled, Count);
            _dense.Forward(_pooled, Part(parameters, 2), Part(parameters, 3), false, Scores, Count);
        }

        public void Backward(Tensor<float> x)
        {
            _dense.BackwardWeight(_pooled, ScoreGradients, Part(gradients, 2), Part(gradients, 3), Count);
            _dense.BackwardInput(ScoreGradients, Part(parameters, 2), _pooledGradients, Count);
            _pool.Backward(_map, _pooled, _pooledGradients, _mapGradients, Count);
            _relu.Backward(_map, _mapGradients, _mapGradients, _map.Length);
            _conv.BackwardWeight(x, _mapGradients, Part(gradients, 0), Part(gradients, 1), Count);
            _conv.BackwardInput(_mapGradients, Part(parameters, 0), InputGradients, Count);
        }

        public void Dispose()
        {
            foreach (IDisposable owned in (IDisposable[])[_conv, _pool, _dense, _relu, _map, _mapGradients, _pooled, _pooledGradients, Scores, ScoreGradients, InputGradients])
            {
                owned.Dispose();
            }
        }

        /// <summary>Weights and bias of the convolution, then of the dense layer, within one tensor.</summary>
        private static Tensor<float> Part(Tensor<float> all, int part)
        {
            int[] lengths = [Conv.WeightLength, Conv.Filters, Pool.OutputLength, 1];
            return all.Slice(lengths[..part].Sum(), new Shape(lengths[part]));
        }
    }
}
