using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Tests.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Losses;

/// <summary>A loss through a small network: its gradients by parameters and by inputs against finite differences.</summary>
internal static class LossGradientCheck
{
    /// <param name="device">Where.</param>
    /// <param name="options">The loss.</param>
    /// <param name="labels">[count, scores], ±1.</param>
    /// <param name="scores">1, or the number of classes.</param>
    public static void ThroughANetwork(ComputeDevice device, LossOptions options, float[] labels, int scores)
    {
        int count = labels.Length / scores;
        var shape = new Shape(5);
        using var network = new Network(
            device,
            NetworkArchitecture.Create(shape, [new DenseOptions { Units = 6 }, new ReluOptions(), new DenseOptions { Units = scores }], scores),
            InputNormalization.None(shape));
        network.Initialize(2);
        var random = new RandomStream(8, "inputs");
        float[] inputs = [.. Enumerable.Range(0, count * shape.Length).Select(_ => (float)random.NextNormal())];
        float[] parameters = network.ParameterValues.ToArray();
        using NetworkPlan training = network.Plan(count, PlanPurpose.Training);
        using NetworkPlan attack = network.Plan(count, PlanPurpose.Attack);
        using Loss loss = options.CreateLoss(device, count, scores, [.. Enumerable.Range(0, Math.Max(2, scores)).Select(number => number + 1)]);
        using Tensor<float> x = device.Allocate(shape.Batched(count));
        using Tensor<float> y = device.Allocate(new Shape(labels.Length), labels);
        using Tensor<float> dScores = device.Allocate(new Shape(labels.Length));
        using Tensor<float> value = device.Allocate(new Shape(1));

        Objective(training);
        training.ParameterGradients(dScores, count);
        GradientCheck.Check(parameters, network.ParameterGradients.ToArray(), () => Objective(training), $"{options}: parameters");
        Objective(attack);
        GradientCheck.Check(inputs, attack.InputGradient(dScores, count).ToArray(), () => Objective(attack), $"{options}: inputs");

        double Objective(NetworkPlan plan)
        {
            network.SetParameters(parameters);
            x.Write(inputs);
            loss.Compute(plan.Forward(x, count), y, dScores, value, count);
            return value.ToArray()[0];
        }
    }
}
