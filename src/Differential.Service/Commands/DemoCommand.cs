using System.CommandLine;
using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Core.Numerics;
using Differential.Core.Optimizers;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Commands;

/// <summary><c>differential demo</c>: the main job on built-in images.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var command = new Command("demo", "Trains with the differential and with the cross-entropy loss on built-in images, attacks both, writes the report.")
        {
            SharedOptions.Device, SharedOptions.Threads, SharedOptions.Output, SharedOptions.Fresh,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(ForegroundJob.Run(
            SharedOptions.Read(parsed),
            () => new JobFile("demo", Job().WithDefaults()),
            new ForegroundSettings(parsed.GetValue(SharedOptions.Output), parsed.GetValue(SharedOptions.Fresh)),
            cancellation)));
        return command;
    }

    /// <summary>A comparison that two cores finish in well under a minute.</summary>
    internal static CompareSpec Job() => new()
    {
        Name = "demo",
        Data = new ShapesOptions { Count = 2000, Size = 16 },
        Model = new SmallOptions(),
        Optimizer = new SgdOptions { LearningRate = 0.02, Momentum = 0.9 },
        Epochs = 8,
        BatchSize = 64,
        Attacks =
        [
            new PgdOptions { Norm = AttackNorm.L2, Epsilons = Budgets(0.25, 0.5, 1, 2), Steps = 20 },
            new PgdOptions { Norm = AttackNorm.Linf, Epsilons = Budgets(2 / 255.0, 4 / 255.0, 8 / 255.0), Steps = 20 },
            new FgsmOptions { Norm = AttackNorm.Linf, Epsilons = Budgets(2 / 255.0, 4 / 255.0, 8 / 255.0) },
            new DeepFoolOptions(),
        ],
        Split = SplitSelection.Test,
        Limit = 200,
        EqualAccuracy = false,
        CheckSamples = 40,
        Certify = new CertifyOptions { Samples = 4 },
    };

    private static Fraction[] Budgets(params ReadOnlySpan<double> values)
    {
        var budgets = new Fraction[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            budgets[i] = values[i];
        }

        return budgets;
    }
}
