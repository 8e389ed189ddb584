using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Checks;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Service.Progress;
using Differential.Service.Runs;

namespace Differential.Service.Kinds.Attack;

/// <summary>What follows on the attacks: bounds of the samples' margins, and checks of the evaluation. Kept in the checkpoint once done.</summary>
/// <param name="context">The job.</param>
/// <param name="model">The network's name in a comparison; null elsewhere.</param>
/// <param name="checkpoint">Where the results are kept.</param>
internal sealed class EvaluationStage(JobContext context, string? model, string checkpoint)
{
    private const string Stage = "evaluated";

    private readonly StageCache _cache = new(checkpoint, context.Guard);
    private int _checked;

    /// <param name="attacked">The network.</param>
    /// <param name="data">The samples.</param>
    /// <param name="attacks">The attacks on its splits.</param>
    /// <param name="certify">The lower bounds.</param>
    /// <param name="checks">What the checks attack; null for no checks.</param>
    public EvaluatedPart Run(
        AttackedNetwork attacked,
        DataSplits data,
        IReadOnlyList<(string Split, SplitAttackResult Result)> attacks,
        CertifyOptions certify,
        CheckRequest? checks)
    {
        if (_cache.Read<EvaluatedPart>(Stage, attacked.Key) is { } finished)
        {
            return finished;
        }

        Network network = attacked.Network;
        var brackets = new Dictionary<string, IReadOnlyList<MarginBracket>>();
        foreach ((string split, SplitAttackResult result) in attacks)
        {
            context.Observer.PhaseBegan(new PhaseId(PhaseKind.Certificates, model, split));
            brackets[split] = Certifier.Brackets(network, Samples(data, split), result, certify, (done, of) => context.Observer.PhaseAdvanced((double)done / of), context.Cancellation);
        }

        (string Split, SplitAttackResult Result) chosen = attacks.FirstOrDefault(a => a.Split == "test", attacks[0]);
        var part = new EvaluatedPart
        {
            Brackets = brackets,
            Checks = checks is null ? [] : Check(network, Samples(data, chosen.Split), chosen.Result, brackets[chosen.Split], checks),
        };
        _cache.Write(Stage, attacked.Key, part);
        return part;
    }

    private static Dataset Samples(DataSplits data, string split) => split == "train" ? data.Train : data.Test;

    private IReadOnlyList<CheckLine> Check(Network network, Dataset data, SplitAttackResult result, IReadOnlyList<MarginBracket> brackets, CheckRequest request)
    {
        if (CheckOptions.From(result, request.Attacks) is not { } options)
        {
            return [];
        }

        context.Observer.PhaseBegan(new PhaseId(PhaseKind.Checks, model));
        context.Observer.Message($"Checking the evaluation{(model is null ? string.Empty : " of " + model)}");
        int batch = AttackStage.BatchFor(context, network, data, Heaviest(Math.Min(request.Samples, result.Attacked)));
        using NetworkPlan plan = network.Plan(Math.Min(batch, Math.Min(request.Samples, result.Attacked)), PlanPurpose.Attack);
        var subject = new CheckSubject(plan, data, result, options with { Samples = request.Samples, Seed = request.Seed }, context.Cancellation) { Brackets = brackets };
        string on = EvaluationChecks.Describe(subject);
        return
        [
            .. EvaluationChecks.Run(subject, Tell).Select(check => new CheckLine
            {
                Model = model,
                Name = check.Name,
                Status = check.Status,
                Figures = check.Figures,
                Text = check.Text,
                On = on,
            }),
        ];
    }

    // No check's attack holds more at once than the suite with its three.
    private static AttackRunOptions Heaviest(int samples) => new() { Attacks = [new SuiteOptions { Epsilons = [1] }], Limit = samples };

    private void Tell(CheckResult check)
    {
        _checked++;
        context.Observer.PhaseAdvanced((double)_checked / EvaluationChecks.All.Count);
        if (check.Status == CheckStatus.Warned)
        {
            context.Observer.CheckWarned(model, check.Name, check.Text);
        }
    }
}

/// <summary>What checks of an evaluation attack.</summary>
/// <param name="Attacks">The job's attacks.</param>
/// <param name="Samples">Samples at most.</param>
/// <param name="Seed">The job's.</param>
internal sealed record CheckRequest(IReadOnlyList<AttackOptions> Attacks, int Samples, long Seed);

/// <summary>The margins of a network's attacked samples, and the checks of its evaluation.</summary>
internal sealed record EvaluatedPart
{
    /// <summary>By split.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<MarginBracket>> Brackets { get; init; }

    public required IReadOnlyList<CheckLine> Checks { get; init; }
}
