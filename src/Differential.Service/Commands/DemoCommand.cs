using System.CommandLine;
using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Compare;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Commands;

/// <summary><c>differential demo</c>: the main job on built-in images.</summary>
internal static class DemoCommand
{
    private const int Common = 1000;

    private const int Rare = 50;

    /// <summary>Share of the way to orthogonal layers at each step.</summary>
    private const double Pull = 0.1;

    private static readonly Dictionary<string, string> Titles = new()
    {
        ["crossEntropy"] = "cross-entropy",
        ["weighted"] = "class-weighted cross-entropy",
        ["differential"] = "differential loss",
    };

    public static Command Create()
    {
        var command = new Command("demo", "Trains with cross-entropy, class-weighted cross-entropy and the differential loss on uneven built-in images, attacks and certifies all, writes the report.")
        {
            SharedOptions.Device, SharedOptions.Threads, SharedOptions.Output, SharedOptions.Fresh,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(ForegroundJob.Run(
            SharedOptions.Read(parsed),
            () => new JobFile("demo", Job().WithDefaults()),
            new ForegroundSettings(parsed.GetValue(SharedOptions.Output), parsed.GetValue(SharedOptions.Fresh)),
            cancellation,
            WriteTable)));
        return command;
    }

    /// <summary>
    /// A comparison that two cores finish in half a minute: 20 discs for each cross in training, batches as they come, in a network that
    /// stretches no distance; thresholds from held-out images, of which there are as many of both, as of the test images.
    /// </summary>
    internal static CompareSpec Job() => new()
    {
        Name = "demo",
        Data = new ShapesOptions
        {
            Count = 2500,
            Size = 16,
            Noise = 0.2,
            Validation = new HeldOut(0.2),
            ClassCounts = new ClassCounts([new("disc", Common), new("cross", Rare)]),
        },
        Model = new NetworkOptions
        {
            Layers =
            [
                Conv(16, 3, 1), new MaxMinOptions(), Conv(32, 4, 2), new MaxMinOptions(), Conv(32, 4, 2), new MaxMinOptions(),
                new FlattenOptions(), Dense(64), new MaxMinOptions(), Dense(1),
            ],
        },
        Optimizer = new AdamOptions { LearningRate = 0.002, Schedule = Schedule.Cosine },
        Batches = BatchRule.Natural,
        BatchSize = 32,
        Epochs = 10,
        Threshold = ThresholdRule.Validation,
        Entries =
        [
            new CompareEntry { Name = "crossEntropy", Loss = new CrossEntropyOptions { Temperature = 8, Margin = 0.5 } },
            new CompareEntry { Name = "weighted", Loss = new CrossEntropyOptions { Temperature = 8, Margin = 0.5, ClassWeights = ClassWeights.Equal } },
            new CompareEntry { Name = "differential", Loss = new DifferentialOptions { Temperature = 8, Margin = 0.5 } },
        ],
        Attacks = [new PgdOptions { Norm = AttackNorm.L2, Epsilons = [0.5], Steps = 20 }],
        Split = SplitSelection.Test,
        Limit = 200,
        EqualAccuracy = false,
        Checks = false,
        Certify = new CertifyOptions { Methods = [CertifyMethod.Lipschitz] },
    };

    private static void WriteTable(JobOutcome outcome, TextWriter output)
    {
        output.WriteLine($"Trained on {Common / Rare} discs for each cross, tested on as many of both:");
        output.WriteLine();
        TextTable.Write(
            output,
            ["network trained with", "right", "crosses found", "right under attack", "certified"],
            ((CompareOutcome)outcome).Models.Select(model => Row(Titles[model.Name], model)));
        output.WriteLine();
        output.WriteLine("Right under attack, certified: however the image is changed within an L2 distance of 0.5, as far as PGD finds, and proven.");
        output.WriteLine("With as many crosses as discs in training the losses lie on one frontier: what one has more of it pays for in another column.");
        output.WriteLine("docs/results.md has real images, several seeds, and settings that are selected on held-out images.");
    }

    private static string[] Row(string title, ComparedModel model)
    {
        RobustRow robust = model.Splits["test"].Robust[0];
        return [title, Numbers.Share(model.Test.Accuracy), Numbers.Share(model.Test.PerClass?[1].Accuracy), Numbers.Share(robust.RobustAccuracy), Numbers.Share(robust.CertifiedAccuracy)];
    }

    private static ConvOptions Conv(int filters, int size, int stride) =>
        new() { Filters = filters, Size = size, Stride = stride, Padding = 1, Lipschitz = true, Orthogonality = Pull };

    private static DenseOptions Dense(int units) => new() { Units = units, Lipschitz = true, Orthogonality = Pull };
}
