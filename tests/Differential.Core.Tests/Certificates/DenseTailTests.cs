using Differential.Core.Certificates;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Certificates;

/// <summary>The last two layers near a sample: their bound holds for every move of their input, and is reached.</summary>
public sealed class DenseTailTests
{
    private const int Cases = 3_000;

    // Moves along the slopes that rectifiers can have together, and errors of each output on the side that moves the score most.
    [Fact]
    public void Move_OfRandomTails_HoldsAndIsReached()
    {
        using var device = new SimdDevice(threads: 1);
        int reached = 0;
        for (int number = 0; number < Cases; number++)
        {
            var random = new RandomStream(3, "dense tail", number);
            (int inputs, int outputs) = (1 + random.NextInt32(4), 1 + random.NextInt32(number % 2 == 0 ? 1 : 5));
            double[] weights = Normal(random, outputs);
            double[] values = Normal(random, outputs);
            using Network network = Tail(device, random, inputs, outputs, out double[][] rows);
            var bounds = new BoundNetwork(network);
            DenseTail tail = DenseTail.Of(bounds, LipschitzBound.OfLayers(network, bounds))!;
            double moved = random.NextDouble(0, 2);
            double lostOfOne = random.NextInt32(2) * random.NextDouble(0, 0.5);
            double lost = lostOfOne * Math.Sqrt(outputs);

            double bound = tail.Move(weights, values, moved, lost, lostOfOne);

            double farthest = 0;
            for (int slopes = 1; slopes < 1 << outputs; slopes++)
            {
                var direction = new double[inputs];
                for (int i = 0; i < outputs; i++)
                {
                    VectorMath.AddScaled(direction, (slopes >> i) & 1, [.. rows[i].Select(value => value * weights[i])]);
                }

                double length = VectorMath.Norm(direction);
                foreach (int sign in (int[])[1, -1])
                {
                    VectorMath.Scale(direction, length > 0 ? sign * moved / length : 0);
                    length = moved;
                    double change = 0;
                    for (int i = 0; i < outputs; i++)
                    {
                        double at = values[i] + VectorMath.Dot(rows[i], direction) + (Math.Sign(weights[i]) * sign * lostOfOne);
                        change += weights[i] * (Math.Max(at, 0) - Math.Max(values[i], 0));
                    }

                    farthest = Math.Max(farthest, Math.Abs(change));
                }
            }

            Assert.True(farthest <= bound * (1 + 1e-12), $"case {number}: {inputs} inputs, {outputs} outputs: a move of {farthest}, bound {bound}");
            reached += farthest >= 0.999 * bound ? 1 : 0;
        }

        Assert.True(reached > Cases / 3, $"{reached} of {Cases} bounds are reached");
    }

    // It is worth its while: on a network whose rows point to many sides it certifies more than the product of the norms.
    [Fact]
    public void Radius_OfANetworkWithManyRectifiers_IsAboveTheMarginOverTheConstant()
    {
        using var device = new SimdDevice(threads: 1);
        for (int seed = 1; seed <= 20; seed++)
        {
            using var network = new Network(device, NetworkArchitecture.Create(new Shape(8), [new DenseOptions { Units = 16 }, new ReluOptions(), new DenseOptions { Units = 32 }, new ReluOptions(), new DenseOptions { Units = 1 }], 1), InputNormalization.None(new Shape(8)));
            network.Initialize(seed);
            var certificate = new LipschitzCertificate(network);
            var random = new RandomStream(seed, "sample", 0);
            float[] sample = [.. Normal(random, 8).Select(static value => (float)value)];
            using NetworkPlan plan = network.Plan(1, PlanPurpose.Attack);
            using Tensor<float> input = device.Allocate<float>(plan.SampleShape.Batched(1));
            input.Write(sample);
            float[] scores = [plan.Forward(input, 1).ToArray()[0]];
            sbyte label = (sbyte)(scores[0] > 0 ? 1 : -1);
            foreach (AttackNorm norm in AttackNormNames.Common)
            {
                Assert.True(certificate.Radius(sample, label, norm) > 1.01 * certificate.MarginOverConstant(Decision.By([0]), scores, label, norm));
            }
        }
    }

    private static Network Tail(ComputeDevice device, RandomStream random, int inputs, int outputs, out double[][] rows)
    {
        var shape = new Shape(inputs);
        var network = new Network(device, NetworkArchitecture.Create(shape, [new DenseOptions { Units = outputs }, new ReluOptions(), new DenseOptions { Units = 1 }], 1), InputNormalization.None(shape));
        network.Initialize(1);
        Parameter parameter = network.Parameters.First(static parameter => !parameter.IsBias);
        float[] weight = [.. Normal(random, inputs * outputs).Select(static value => (float)value)];
        network.SetParameter(parameter.Name, weight);
        rows = [.. weight.Chunk(inputs).Select(static row => row.Select(static value => (double)value).ToArray())];
        return network;
    }

    private static double[] Normal(RandomStream random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextNormal())];
}
