using System.CommandLine;
using Differential.Core;
using Differential.Core.Batches;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Decisions;
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
            model, data, Csv, Split, NoCertificates, ModelArguments.Seed, SharedOptions.Device, SharedOptions.Threads,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Predict(parsed, parsed.GetValue(model)!, parsed.GetValue(data)!, cancellation)));
        return command;
    }

    private static int Predict(ParseResult parsed, string modelPath, string dataPath, CancellationToken cancellation)
    {
        GlobalOptions options = SharedOptions.Read(parsed);
        using IHost host = AppHost.Create(options);
        OpenedModel model = ModelOpener.Open(ModelArguments.Existing(modelPath, "model"));
        PredictedSamples samples = Samples(
            ModelArguments.Existing(dataPath, "data"), model, ModelArguments.SeedOf(parsed.GetValue(ModelArguments.Seed), modelPath), parsed.GetValue(Split) == "train", host.Services.GetRequiredService<JobLimits>());
        DeviceOpener devices = host.Services.GetRequiredService<DeviceOpener>();
        string? named = options.Device ?? host.Services.GetRequiredService<AppSettings>().Device;
        DeviceInfo info = devices.Find(named ?? "auto", options.Device is null ? "configuration" : "arguments", options.Device is null ? "Device" : "--device");
        using ComputeDevice device = devices.Open(info, MatrixPrecision.Float32, ConvolutionMethod.Direct, NullLogger.Instance);
        using Network network = model.Create(device);
        float[] scores = ScoreEvaluator.Scores(network, samples.Data);
        int[] decisions = [.. Enumerable.Range(0, samples.Data.Count).Select(i => PredictionTable.Decide(scores.AsSpan(i * model.Scores, model.Scores), model.Thresholds))];
        IReadOnlyDictionary<AttackNorm, double?[]>? radii = parsed.GetValue(NoCertificates) ? null : DecisionCertificates.Radii(network, samples.Data, decisions, new CertifyOptions(), cancellation);
        var table = new PredictionTable(samples, Names(model), scores, model.Thresholds, radii);
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

    private static PredictedSamples Samples(string path, OpenedModel model, long seed, bool train, JobLimits limits)
    {
        DataOptions? section = ModelArguments.Section(path, model);
        if (section is null || (section is ImagesOptions && !path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)))
        {
            // All images, whether there are some of each class or not.
            string test = Path.Combine(path, train ? "train" : "test");
            return PredictedSamples.OfImages(Directory.Exists(test) ? test : path, model);
        }

        limits.CheckData(section, path);
        DataOptions all = section is RecordOptions { TestShare: null } records ? records with { TestShare = 0 } : section;
        DataSplits splits = all.Load(new PathPolicy(Path.GetFullPath("/")), seed, path);
        Dataset data = train ? splits.Train : splits.Test;
        return data.SampleShape.Equals(model.Input) && data.Scores == model.Scores
            ? PredictedSamples.OfSplit(data, splits.Names)
            : throw new InputException(path, string.Empty, $"samples of shape {data.SampleShape} and {splits.Names.Count} classes", $"{model.Input} and {Names(model).Count}, as the model has");
    }

    private static IReadOnlyList<string> Names(OpenedModel model) => model.Names ?? (model.Scores == 1 ? ["+1", "-1"] : [.. Enumerable.Range(0, model.Scores).Select(static k => k.ToString(System.Globalization.CultureInfo.InvariantCulture))]);

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
