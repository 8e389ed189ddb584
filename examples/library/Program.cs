using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Kernels.Devices;

using ComputeDevice device = DeviceCatalog.Open("simd");
DataSplits data = new ShapesOptions { Count = 500 }.Load(".", seed: 1);
using Network network = Network.Create(device, new SmallOptions(), data);

TrainingResult trained = Trainer.Run(network, data, new TrainingOptions
{
    Loss = new DifferentialOptions(),
    Optimizer = new AdamOptions { LearningRate = 0.001 },
    Threshold = ThresholdRule.Fitted,
    Epochs = 10,
});
Console.WriteLine($"test accuracy {trained.TestAccuracy:P1}");

SplitAttackResult attacked = AttackRunner.Run(network, data.Test, new AttackRunOptions
{
    Attacks = [new PgdOptions { Norm = AttackNorm.L2, Epsilons = [0.25, 0.5, 1.0] }, new FabOptions()],
    Limit = 50,
});
foreach (AttackResult attack in attacked.Attacks)
{
    Console.WriteLine(attack.Epsilon is { } budget
        ? $"{attack.Kind} within {attack.Norm.Symbol()} {budget}: {attack.FlipRate:P1} flip"
        : $"{attack.Kind}, {attack.Norm.Symbol()}: median distance {attack.DistanceSummary?.Median:F3}");
}

MarginBracket l2 = Certifier.Brackets(network, data.Test, attacked).First(bracket => bracket.Norm == AttackNorm.L2);
Console.WriteLine($"certified up to {l2.Certified.Max():F4}, found from {l2.Found.Min():F4}");

NetworkModel.Save(args.Length > 0 ? args[0] : "model.safetensors", network, data);
