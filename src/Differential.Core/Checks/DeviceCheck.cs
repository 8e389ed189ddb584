using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;
using Differential.Kernels.Devices;

namespace Differential.Core.Checks;

/// <summary>
/// Whether a device computes what the SIMD device computes: some training steps of small networks, from the same first values on the same
/// samples, twice, and an attack. A driver, a compiler or a memory that is wrong shows here before a job's numbers are.
/// </summary>
public static class DeviceCheck
{
    /// <summary>Differences that the rounding of the steps may carry on, as a share of 1 + |value|: training moves it by some 0.04.</summary>
    private const double Allowed = 1e-5;

    /// <summary>The same with factors rounded to 11 binary digits, 5·10⁻⁴ of each.</summary>
    private const double AllowedRounded = 5e-3;

    private const int BatchSize = 8;

    private static readonly DataSplits TwoClasses = new ShapesOptions { Count = 40, Size = 8 }.Load(".", seed: 1);

    private static readonly DataSplits ThreeClasses = new ShapesOptions { Count = 48, Size = 8, Classes = 3 }.Load(".", seed: 1);

    private static readonly Case[] Cases =
    [
        new(
            "convolutions, all pairs, SGD",
            TwoClasses,
            [
                new ConvOptions { Filters = 6, Padding = 1 }, new ReluOptions(), new MaxPoolOptions(), new ConvOptions { Filters = 5, Stride = 2, Padding = 1 }, new ReluOptions(),
                new AveragePoolOptions { Size = 2 }, new DenseOptions { Units = 6 }, new ReluOptions(), new DenseOptions { Units = 1 },
            ],
            new DifferentialOptions(),
            new SgdOptions { LearningRate = 0.05, Momentum = 0.9 }),
        new(
            "layers of norm 1, cross-entropy, Adam",
            TwoClasses,
            [new ConvOptions { Filters = 4, Padding = 1, Lipschitz = true, Orthogonality = 0.1 }, new MaxMinOptions(), new DenseOptions { Units = 1, Lipschitz = true }],
            new CrossEntropyOptions { Temperature = 4 },
            new AdamOptions { LearningRate = 0.005 }),
        new(
            "a residual block, batch normalisation, dropout",
            TwoClasses,
            [
                new ConvOptions { Filters = 5, Padding = 1, Bias = false }, new BatchNormOptions(), new ReluOptions(),
                new ResidualOptions { Layers = [new ConvOptions { Filters = 5, Padding = 1 }, new BatchNormOptions()] },
                new GlobalAveragePoolOptions(), new DropoutOptions { Rate = 0.25 }, new DenseOptions { Units = 1 },
            ],
            new DifferentialOptions(),
            new SgdOptions { LearningRate = 0.02 }),
        new(
            "three classes, softmax",
            ThreeClasses,
            [new ConvOptions { Filters = 4, Size = 2 }, new ReluOptions(), new DenseOptions { Units = 3 }],
            new CrossEntropyOptions(),
            new SgdOptions { LearningRate = 0.05 }),
    ];

    /// <summary>Runs the check; nothing stays on the device.</summary>
    /// <param name="device">Any device.</param>
    /// <param name="precision">What the device was opened with.</param>
    /// <param name="cancellation">Looked at between the parts.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IEnumerable<DeviceCheckResult> Run(ComputeDevice device, MatrixPrecision precision, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(device);
        return Parts(device, precision == MatrixPrecision.Float32, cancellation);
    }

    private static IEnumerable<DeviceCheckResult> Parts(ComputeDevice device, bool isExact, CancellationToken cancellation)
    {
        using var simd = new SimdDevice(threads: 1);
        float[] trained = [];
        foreach (Case part in Cases)
        {
            float[] expected = Train(simd, part, cancellation);
            trained = trained.Length == 0 ? expected : trained;
            yield return Compare($"training: {part.Name}", expected, () => Train(device, part, cancellation), isExact ? Allowed : AllowedRounded);
        }

        // A ReLU that a rounded product turns on or off changes an attack's gradient by more than rounding.
        if (isExact)
        {
            yield return Compare("attack: PGD, flips and adversarial images", Attack(simd, Cases[0], trained, cancellation), () => Attack(device, Cases[0], trained, cancellation), Allowed);
        }
    }

    /// <summary>The work twice; what a wrong device may throw is the part's result.</summary>
    private static DeviceCheckResult Compare(string name, float[] expected, Func<float[]> work, double allowed)
    {
        try
        {
            float[] once = work();
            return new DeviceCheckResult(name, Difference(expected, once), allowed, once.AsSpan().SequenceEqual(work()));
        }
        catch (Exception exception) when (exception is TrainingDivergedException or NotSupportedException or DeviceLostException or MemoryShortageException or DeviceMemoryException)
        {
            return new DeviceCheckResult(name, double.PositiveInfinity, allowed, false) { Error = exception.Message };
        }
    }

    /// <summary>The parameters after the steps; scores of the training set behind them.</summary>
    private static float[] Train(ComputeDevice device, Case part, CancellationToken cancellation)
    {
        using Network network = part.Create(device);
        var options = new TrainingOptions { Loss = part.Loss, Optimizer = part.Optimizer, BatchSize = BatchSize, Epochs = 2, Threshold = ThresholdRule.Fitted, CheckpointInterval = TimeSpan.Zero };
        TrainingResult result = Trainer.Run(network, part.Splits, options, null, SilentObserver.Instance, cancellation);
        return [.. network.ParameterValues.ToArray(), .. result.TrainScores];
    }

    /// <summary>For each sample and budget 1 for a flip, then the adversarial images.</summary>
    private static float[] Attack(ComputeDevice device, Case part, float[] trained, CancellationToken cancellation)
    {
        using Network network = part.Create(device);
        network.SetParameters(trained.AsSpan(0, network.ParameterValues.Length));
        network.Settle();
        using NetworkPlan plan = network.Plan(BatchSize, PlanPurpose.Attack);
        var options = new AttackRunOptions { Attacks = [new PgdOptions { Norm = AttackNorm.L2, Epsilons = [0.3, 1, 4], Steps = 10, RandomStart = false }], KeepAdversarial = true };
        SplitAttackResult result = AttackRunner.Run(plan, part.Splits.Train, options, null, cancellation);
        return
        [
            .. result.Attacks.SelectMany(static outcome => outcome.Flipped.Select(static flip => flip ? 1f : 0f)),
            .. result.Attacks.SelectMany(static outcome => outcome.Adversarial!.SelectMany(static image => image ?? [])),
        ];
    }

    /// <summary>The largest difference as a share of 1 + |value|; infinite where one is no number or where there are more of one than of the other.</summary>
    private static double Difference(float[] expected, float[] actual)
    {
        if (expected.Length != actual.Length)
        {
            return double.PositiveInfinity;
        }

        double largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs((double)expected[i] - actual[i]) / (1 + Math.Abs((double)expected[i]));
            largest = double.IsFinite(difference) ? Math.Max(largest, difference) : double.PositiveInfinity;
        }

        return largest;
    }

    private sealed record Case(string Name, DataSplits Splits, IReadOnlyList<LayerOptions> Layers, LossOptions Loss, OptimizerOptions Optimizer)
    {
        public Network Create(ComputeDevice device) => new(
            device, NetworkArchitecture.Create(Splits.Train.SampleShape, Layers, Splits.Train.Scores), InputNormalization.From(new InputOptions(), Splits.Train));
    }
}

/// <summary>One part of a device's check.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Difference">The largest difference from the SIMD device, as a share of 1 + |value|.</param>
/// <param name="Allowed">The largest that rounding explains.</param>
/// <param name="IsRepeated">Whether the same work gave the same bits twice.</param>
public sealed record DeviceCheckResult(string Name, double Difference, double Allowed, bool IsRepeated)
{
    /// <summary>Why it came to no result; null where it did.</summary>
    public string? Error { get; init; }

    public bool Passed => IsRepeated && Difference <= Allowed;
}
