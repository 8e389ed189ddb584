using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Files;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Attack;

/// <summary>Attacks one network of a job: the part that attack and compare jobs share. Finished splits are kept in the checkpoint.</summary>
/// <param name="context">The job.</param>
/// <param name="model">The network's name in a comparison; null elsewhere.</param>
/// <param name="checkpoint">Where finished splits are kept.</param>
internal sealed class AttackStage(JobContext context, string? model, string checkpoint)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Attacks a saved network on splits of the data.</summary>
    /// <param name="path">The model file.</param>
    /// <param name="data">The samples.</param>
    /// <param name="splits">"train", "test" or both, in order.</param>
    /// <param name="options">The attacks.</param>
    /// <returns>The result of each split, in the order asked for.</returns>
    public IReadOnlyList<(string Split, SplitAttackResult Result)> Run(string path, DataSplits data, SplitSelection splits, AttackRunOptions options)
    {
        SavedModel saved = ModelFile.Load(path);
        string key = Key(path);
        using Network network = Create(context, path, saved);
        var results = new List<(string, SplitAttackResult)>();
        foreach (string split in splits.Names)
        {
            Dataset samples = split == "train" ? data.Train : data.Test;
            string part = Path.Combine(checkpoint, $"attacked-{split}.json");
            SplitAttackResult? result = options.KeepAdversarial ? null : Read(part, key);
            if (result is null)
            {
                result = Attack(network, samples, options, split);
                if (!options.KeepAdversarial)
                {
                    DurableFile.WriteBytes(part, JsonSerializer.SerializeToUtf8Bytes(new Part(key, result), Json));
                }
            }
            else
            {
                context.Observer.Message($"The attacks on {(model is null ? string.Empty : model + ", ")}{split} are done already");
            }

            results.Add((split, result));
        }

        return results;
    }

    /// <summary>The device's usual batch, or the largest below it that its memory has room for.</summary>
    internal static int BatchFor(JobContext context, Network network, Dataset samples, AttackRunOptions options)
    {
        int most = Math.Min(ScoreEvaluator.BatchOn(context.Device.Info), samples.Count);
        int batch = AttackMemory.Batch(network, samples, options, most);
        if (batch < most)
        {
            context.Observer.Message($"Attacks run in batches of {batch}: the memory of {context.Device.Info.Id} has room for no more");
        }

        return batch;
    }

    /// <summary>The network of a file, on the job's device.</summary>
    internal static Network Create(JobContext context, string path, SavedModel saved)
    {
        try
        {
            return NetworkModel.FromSaved(saved, context.Device);
        }
        catch (ArchitectureException exception)
        {
            throw JobInputs.Wrong(path, exception);
        }
    }

    /// <summary>The file's hash: a part belongs to the very model that was attacked.</summary>
    internal static string Key(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Where memory that was planned with is gone by now, smaller batches are tried before the job fails.</summary>
    private SplitAttackResult Attack(Network network, Dataset samples, AttackRunOptions options, string split)
    {
        int batch = BatchFor(context, network, samples, options);
        while (true)
        {
            var told = new Forward(context.Observer, model, split);
            try
            {
                using NetworkPlan plan = network.Plan(batch, PlanPurpose.Attack);
                return AttackRunner.Run(plan, samples, options, told, context.Cancellation);
            }
            catch (DeviceMemoryException exception) when (batch > 1 && !told.HasFinished)
            {
                batch /= 2;
                context.Observer.Message($"Attacks run in batches of {batch}: {exception.Message}");
            }
        }
    }

    private static SplitAttackResult? Read(string path, string key)
    {
        try
        {
            Part? part = JsonSerializer.Deserialize<Part>(File.ReadAllBytes(path), Json);
            return part?.Model == key ? part.Result : null;
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            return null;
        }
    }

    private sealed record Part(string Model, SplitAttackResult Result);

    private sealed class Forward(JobObserver observer, string? model, string split) : IAttackObserver
    {
        public bool HasFinished { get; private set; }

        public void Progressed(AttackProgress progress) => observer.Attacking(model, split, progress);

        public void Finished(AttackResult outcome)
        {
            HasFinished = true;
            observer.AttackDone(model, split, outcome);
        }
    }
}
