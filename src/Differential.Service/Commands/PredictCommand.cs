using System.CommandLine;
using Differential.Core;
using Differential.Core.Batches;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Importing;
using Differential.Core.Models;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Service.Hosting;
using Differential.Service.Kinds;
using Differential.Service.Predictions;
using Differential.Service.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Differential.Service.Commands;

/// <summary><c>differential predict</c>: what a trained network decides, and how far its decisions are certified.</summary>
internal static class PredictCommand
{
    private static readonly Option<bool> Csv = new("--csv") { Description = "Prints comma-separated values, scores and radii to their last digit." };

    private static readonly Option<string> Split = CreateSplit();

    private static readonly Option<bool> NoCertificates = new("--no-certificates") { Description = "Leaves the certified radii out." };

    public static Command Create()
    {
        Argument<string> model = ModelArguments.Model();
        Argument<string> data = ModelArguments.Data();
        var command = new Command("predict", "Prints the score, the decision and the certified radius of each sample.")
        {
            model, data, Csv, Split, NoCertificates, ModelArguments.Mean, ModelArguments.Std, ModelArguments.Seed, SharedOptions.Device, SharedOptions.Threads,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Predict(parsed, parsed.GetValue(model)!, parsed.GetValue(data)!, cancellation)));
        return command;
    }

    private static int Predict(ParseResult parsed, string modelPath, string dataPath, CancellationToken cancellation)
    {
        GlobalOptions options = SharedOptions.Read(parsed);
        using IHost host = AppHost.Create(options);
        string data = ModelArguments.Existing(dataPath, "data");
        string path = ModelArguments.Existing(modelPath, "model");
        long seed = ModelArguments.SeedOf(parsed.GetValue(ModelArguments.Seed), path);
        var wanted = new Wanted(data, seed, parsed.GetValue(Split) == "train", host.Services.GetRequiredService<JobLimits>());
        var import = new ImportOptions { Input = ModelArguments.Expected(parsed) };
        PredictedSamples? section = ModelArguments.IsJson(data) ? wanted.Read(DataSection.Read(data)) : null;
        OpenedModel model = ModelArguments.Open(path, import with { Sample = section?.Data.SampleShape });
        PredictedSamples samples = section ?? wanted.Guess(model);
        if (!samples.Data.SampleShape.Equals(model.Input) || samples.Names.Count != Math.Max(2, model.Scores))
        {
            throw new InputException(data, string.Empty, $"samples of shape {samples.Data.SampleShape} and {samples.Names.Count} classes", $"{model.Input} and {Math.Max(2, model.Scores)}, as the model has");
        }

        DeviceOpener devices = host.Services.GetRequiredService<DeviceOpener>();
        string? named = options.Device ?? host.Services.GetRequiredService<AppSettings>().Device;
        DeviceInfo info = devices.Find(named ?? "auto", options.Device is null ? "configuration" : "arguments", options.Device is null ? "Device" : "--device");
        using ComputeDevice device = devices.Open(info, MatrixPrecision.Float32, ConvolutionMethod.Direct, NullLogger.Instance);
        using Network network = model.Create(device);
        float[] scores = ScoreEvaluator.Scores(network, samples.Data);
        int[] decisions = [.. Enumerable.Range(0, samples.Data.Count).Select(i => PredictionTable.Decide(scores.AsSpan(i * model.Scores, model.Scores), model.Thresholds))];
        IReadOnlyDictionary<AttackNorm, double?[]>? radii = parsed.GetValue(NoCertificates) ? null : DecisionCertificates.Radii(network, samples.Data, decisions, new CertifyOptions(), cancellation);
        var table = new PredictionTable(samples, scores, model.Thresholds, radii);
        if (parsed.GetValue(Csv))
        {
            table.WriteCsv(Console.Out);
        }
        else
        {
            table.WriteText(Console.Out);
        }

        return ExitCode.Done;
    }

    /// <summary>Which samples of the data are decided.</summary>
    private sealed record Wanted(string Path, long Seed, bool Train, JobLimits Limits)
    {
        public PredictedSamples Guess(OpenedModel model)
        {
            DataOptions? guess = DataGuess.Of(Path, model);
            if (guess is not (null or ImagesOptions))
            {
                // All samples where none are test samples by themselves.
                return Read(guess is RecordOptions records ? records with { TestShare = 0 } : guess);
            }

            // All images, whether there are some of each class or not.
            string split = System.IO.Path.Combine(Path, Train ? "train" : "test");
            return PredictedSamples.OfImages(Directory.Exists(split) ? split : Path, model);
        }

        public PredictedSamples Read(DataOptions section)
        {
            Limits.CheckData(section, Path);
            DataSplits splits = section.Load(new PathPolicy(System.IO.Path.GetFullPath("/")), Seed, Path);
            return PredictedSamples.OfSplit(Train ? splits.Train : splits.Test, splits.Names);
        }
    }

    private static Option<string> CreateSplit()
    {
        Option<string> split = new("--split") { Description = "test (default) or train: which samples of data that have both.", DefaultValueFactory = static _ => "test" };
        split.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value is not ("test" or "train"))
            {
                result.AddError($"'{result.Tokens[0].Value}'; allowed: test, train");
            }
        });
        return split;
    }
}
