using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Export;
using Differential.Core.Layers;
using Differential.Service.Jobs.Results;
using Differential.Service.Jobs.Running;
using Differential.Service.Reporting;

namespace Differential.Service.Jobs.Handlers;

/// <summary>
/// Trains a network for each loss, each with a fitted threshold and from the same initial weights, and attacks them on the same
/// splits in the same order.
/// </summary>
internal sealed class CompareHandler : IJobHandler<CompareSpec>
{
    public IPreparedJob Prepare(CompareSpec spec, string file)
    {
        DataSplits data = JobInputs.Load(spec.Data, spec.Seed, file);
        (NetworkArchitecture architecture, InputNormalization normalization) = JobInputs.Network(spec.Model!, data, file);
        return new Prepared(spec, data, architecture, normalization);
    }

    private sealed class Prepared(CompareSpec spec, DataSplits data, NetworkArchitecture architecture, InputNormalization normalization) : IPreparedJob
    {
        public JobOutcome Run(JobContext context)
        {
            IReadOnlyList<string> names = spec.LossNames();
            var models = new List<ComparedPart>();
            for (int i = 0; i < names.Count; i++)
            {
                string name = names[i];
                string checkpoint = Path.Combine(context.Folder.Checkpoint, name);
                Directory.CreateDirectory(checkpoint);
                var stage = new TrainingStage(context, name, context.Folder.ModelFolder(name), checkpoint);
                TrainedPart trained = stage.Run(spec.Training(i), data, architecture, normalization);
                var options = new AttackRunOptions { Attacks = spec.Attacks, Limit = spec.Limit, Seed = spec.Seed };
                models.Add(new ComparedPart(
                    name, trained, new AttackStage(context, name, checkpoint).Run(stage.ModelPath, data, spec.Split, options)));
            }

            SamplesCsv.Write(
                context.Folder.Samples,
                SampleExport.Parts([.. models.SelectMany(m => m.Attacks.Select(a => new AttackedSplit(m.Name, a.Split, a.Result)))]));
            var outcome = new CompareOutcome
            {
                Models = [.. models.Select(m => m.ToModel())],
                Comparison = Rows(models),
            };
            RunReports.Compare(context, models, outcome);
            return outcome;
        }

        /// <summary>One row per attack, budget and split. A network of which nothing was attacked has no value in it.</summary>
        private List<ComparisonRow> Rows(IReadOnlyList<ComparedPart> models)
        {
            var rows = new List<ComparisonRow>();
            for (int s = 0; s < spec.Split.Names.Count; s++)
            {
                SplitAttackResult[] results = [.. models.Select(m => m.Attacks[s].Result)];
                IReadOnlyList<AttackOutcome> kinds = results.MaxBy(r => r.Attacks.Count)!.Attacks;
                for (int k = 0; k < kinds.Count; k++)
                {
                    AttackOutcome?[] outcomes = [.. results.Select(r => r.Attacks.ElementAtOrDefault(k))];
                    bool budget = kinds[k].Epsilon is not null;
                    rows.Add(new ComparisonRow
                    {
                        Kind = kinds[k].Kind,
                        Norm = kinds[k].Norm,
                        Epsilon = kinds[k].Epsilon,
                        Split = spec.Split.Names[s],
                        FlipRate = budget ? Values(o => o.FlipRate) : null,
                        MedianDistance = budget ? null : Values(o => o.DistanceSummary?.Median),
                    });

                    Dictionary<string, double?> Values(Func<AttackOutcome, double?> value) =>
                        models.Select((m, i) => (m.Name, Value: outcomes[i] is { } o ? value(o) : null)).ToDictionary(p => p.Name, p => p.Value);
                }
            }

            return rows;
        }
    }
}

/// <summary>One loss's network of a comparison.</summary>
internal sealed record ComparedPart(string Name, TrainedPart Trained, IReadOnlyList<(string Split, SplitAttackResult Result)> Attacks)
{
    public ComparedModel ToModel() => new(Trained.Outcome)
    {
        Name = Name,
        Splits = Attacks.ToDictionary(a => a.Split, a => SplitAttacks.Of(a.Result)),
    };
}
