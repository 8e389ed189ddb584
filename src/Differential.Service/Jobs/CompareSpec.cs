using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Serialization;
using Differential.Core;
using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Certificates;
using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Core.Training;

namespace Differential.Service.Jobs;

[Description("Trains one network for each loss, all with a fitted threshold, and attacks them alike.")]
public sealed record CompareSpec : JobSpec
{
    [Description("The samples and their classes.")]
    public required DataOptions Data { get; init; }

    [Description("The network; cnn for images and linear for points by default.")]
    public ModelOptions? Model { get; init; }

    [Description("How parameters are updated; sgd with learning rate 0.02 and momentum 0.9 by default.")]
    public OptimizerOptions Optimizer { get; init; } = TrainingDefaults.Optimizer;

    [Description("Passes over the training set.")]
    [Range(1, TrainingDefaults.MaxEpochs)]
    public int Epochs { get; init; } = TrainingDefaults.Epochs;

    [Description("Samples of a step.")]
    [Range(2, TrainingDefaults.MaxBatchSize)]
    public int BatchSize { get; init; } = TrainingDefaults.BatchSize;

    [Description("What a batch is made of: balanced, natural or proportional, as in train jobs.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public BatchRule Batches { get; init; }

    [Description("kept, or recomputed for less memory, as in train jobs.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Activations Activations { get; init; }

    [Description("Where every network's decision threshold comes from, as in train jobs; fitted by default. zero is refused: the differential loss leaves the bias open.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ThresholdChoice? Threshold { get; init; }

    [Description("Which epoch's network is kept: the last, or the best on data.validation.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public KeptEpoch Keep { get; init; }

    [Description("Selects one of a loss's settings where it has lists of them (temperature, margin, weight): all are trained, the one that is best on data.validation is attacked and reported, and all are in the frontier. None by default.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SelectOptions? Select { get; init; }

    [Description("The losses that are compared, each different; cross-entropy and differential by default.")]
    [MinLength(1)]
    [MaxLength(32)]
    public IReadOnlyList<LossOptions>? Losses { get; init; }

    [Description("The networks that are compared, where they differ in more than the loss; in place of losses.")]
    [MinLength(1)]
    [MaxLength(32)]
    public IReadOnlyList<CompareEntry>? Entries { get; init; }

    [Description("Each network is trained once for each of these seeds; the job's seed by default. The data and the attacked samples are the job's seed's.")]
    [MinLength(1)]
    [MaxLength(100)]
    public IReadOnlyList<long>? Seeds { get; init; }

    [Description("The attacks, in this order.")]
    [MinLength(1)]
    [MaxLength(100)]
    public required IReadOnlyList<AttackOptions> Attacks { get; init; }

    [Description("The attacked samples: \"train\", \"test\" or a list of both (default).")]
    public SplitSelection Split { get; init; } = SplitSelection.Both;

    [Description("At most so many correctly classified samples of each split are attacked; all by default.")]
    [Range(1, int.MaxValue)]
    public int? Limit { get; init; }

    [Description("Whether flip rates at the same accuracy are given beside those at the end, from the networks of some epochs.")]
    public bool EqualAccuracy { get; init; } = true;

    [Description("Whether the evaluation itself is checked.")]
    public bool Checks { get; init; } = true;

    [Description("Samples that the checks attack, for each network.")]
    [Range(1, 1_000_000)]
    public int CheckSamples { get; init; } = 100;

    [Description("Lower bounds on each attacked sample's distance to the boundary.")]
    public CertifyOptions Certify { get; init; } = new();

    [JsonIgnore]
    public override string Kind => "compare";

    public override JobSpec WithDefaults() => this with
    {
        Model = Model ?? TrainingDefaults.Model(Data),
        Threshold = Threshold?.Resolve(Data.Validation is not null),
        Losses = Losses ?? (Entries is null ? [new CrossEntropyOptions(), new DifferentialOptions()] : null),
    };

    internal override DataOptions? Samples => Data;

    public override JobSpec MapPaths(Func<string, string, string> map) => this with { Data = Data.MapAllPaths(map) };

    internal override IEnumerable<string> PathFields => Data.AllPathFields.Select(name => $"data.{name}");

    public override void Check(InputMistakes mistakes)
    {
        ArgumentNullException.ThrowIfNull(mistakes);
        Data.CheckAll(mistakes);
        BudgetRules.Check(Attacks, Data, mistakes);
        CheckUnique(Entries?.Select(e => e.Name), i => $"$.entries[{i}].name", "a name that is already in the list", "each name once", mistakes);
        CheckUnique(Seeds, i => $"$.seeds[{i}]", "a seed that is already in the list", "each seed once", mistakes);
        CheckUnique(Losses, i => $"$.losses[{i}]", "a loss that is already in the list", "each loss once", mistakes);
        HeldOutRules.Check(Data, Threshold, Keep, mistakes);
        if (Threshold?.Rule == ThresholdRule.Zero)
        {
            mistakes.Add("$.threshold", "zero, where losses are compared", "fitted, validation, or an object");
        }

        if (Select is not null && Data.Validation is null)
        {
            mistakes.Add("$.select.by", "validation, without held-out samples", "data.validation beside select");
        }

        if (Losses is not null && Entries is not null)
        {
            mistakes.Add("$.entries", "entries beside losses", "one of losses, entries");
            return;
        }

        CompareRun[] runs = [.. Runs().DistinctBy(run => run.Name)];
        for (int i = 0; i < runs.Length; i++)
        {
            int entry = i;
            CheckChoices(entry, mistakes);
            TrainingRules.Check(
                runs[i].Training,
                runs[i].Place,
                Entries is null ? $"$.losses[{entry}]" : $"{runs[i].Place}.loss",
                Entries?[entry].BatchSize is null ? "$.batchSize" : $"{runs[i].Place}.batchSize",
                mistakes);
        }
    }

    /// <summary>The trainings: each loss or entry with each seed.</summary>
    public IReadOnlyList<CompareRun> Runs()
    {
        IReadOnlyList<long> seeds = Seeds ?? [Seed];
        IReadOnlyList<CompareEntry> entries = Entries ?? [.. LossNames().Select((name, i) => new CompareEntry { Name = name, Loss = Losses![i] })];
        return
        [
            .. from item in entries.Select((entry, i) => (Entry: entry, Place: Entries is null ? "$" : $"$.entries[{i}]"))
               let choices = item.Entry.Loss.Choices()
               from choice in choices.Select((loss, number) => (Loss: loss, Label: choices.Count == 1 ? item.Entry.Name : string.Create(CultureInfo.InvariantCulture, $"{item.Entry.Name}~{number + 1}")))
               from seed in seeds
               select new CompareRun(
                   item.Entry.Name,
                   seed,
                   seeds.Count == 1 ? choice.Label : string.Create(CultureInfo.InvariantCulture, $"{choice.Label}@{seed}"),
                   Training(item.Entry with { Loss = choice.Loss }, seed),
                   item.Place),
        ];
    }

    /// <summary>A name for each loss: its kind, with a number behind it where a kind comes more than once.</summary>
    public IReadOnlyList<string> LossNames()
    {
        IReadOnlyList<LossOptions> losses = Losses ?? [];
        var names = new string[losses.Count];
        for (int i = 0; i < names.Length; i++)
        {
            string kind = losses[i].Name;
            int earlier = losses.Take(i).Count(l => l.Name == kind);
            names[i] = losses.Count(l => l.Name == kind) == 1 ? kind : $"{kind}-{earlier + 1}";
        }

        return names;
    }

    /// <summary>Lists of settings are for jobs that select one.</summary>
    private void CheckChoices(int entry, InputMistakes mistakes)
    {
        LossOptions loss = Entries?[entry].Loss ?? Losses![entry];
        string place = Entries is null ? $"$.losses[{entry}]" : $"$.entries[{entry}].loss";
        int choices = loss.Choices().Count;
        if (choices > 1 && Select is null)
        {
            mistakes.Add(place, $"lists of {choices} settings, with nothing to select by", "numbers; lists beside select");
        }
        else if (choices > SelectOptions.MostChoices)
        {
            mistakes.Add(place, $"lists of {choices} settings", $"at most {SelectOptions.MostChoices}");
        }
    }

    private static void CheckUnique<T>(IEnumerable<T>? values, Func<int, string> place, string found, string allowed, InputMistakes mistakes)
    {
        HashSet<T> seen = [];
        int index = 0;
        foreach (T value in values ?? [])
        {
            if (!seen.Add(value))
            {
                mistakes.Add(place(index), found, allowed);
            }

            index++;
        }
    }

    private TrainSpec Training(CompareEntry entry, long seed) => new()
    {
        Name = entry.Name,
        Seed = seed,
        Device = Device,
        Data = Data,
        Model = entry.Model ?? Model,
        Loss = entry.Loss,
        Optimizer = entry.Optimizer ?? Optimizer,
        Epochs = entry.Epochs ?? Epochs,
        BatchSize = entry.BatchSize ?? BatchSize,
        Batches = entry.Batches ?? Batches,
        Activations = Activations,
        Threshold = Threshold ?? ThresholdRule.Fitted,
        Keep = Keep,
        Adversarial = entry.Adversarial,
        Augment = entry.Augment,
    };
}
