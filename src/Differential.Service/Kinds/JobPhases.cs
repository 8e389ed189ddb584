using Differential.Core.Attacks;
using Differential.Core.Certificates;
using Differential.Core.Checks;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Service.Jobs;
using Differential.Service.Progress;

namespace Differential.Service.Kinds;

/// <summary>The phases of jobs with what they are thought to take, in multiply-adds. The estimates are rough: the plan is corrected by the clock.</summary>
internal static class JobPhases
{
    /// <summary>A forward pass, and a backward pass of twice its work.</summary>
    private const double Gradient = 3;

    /// <summary>Evaluations of a linear bound that the search for one sample's radius in both norms takes, about.</summary>
    private const double BoundEvaluations = 40;

    /// <summary>What the certifier spends at most where no number of samples is asked for.</summary>
    private const double BoundWork = 1e10;

    private const int BoundSamples = 100;

    /// <summary>Gradients for each sample that the checks take together: PGD at several budgets, with more steps, on other objectives, and a search without gradients.</summary>
    private const double CheckGradients = 900;

    /// <summary>A training.</summary>
    public static JobPhase Training(string? network, TrainSpec spec, NetworkArchitecture architecture, DataSplits data) => new(
        new PhaseId(PhaseKind.Training, network),
        spec.Epochs * (double)data.Train.Count * Pass(architecture) * Gradient,
        spec.Epochs);

    /// <summary>The attacks of a list on some splits, a phase for each.</summary>
    public static IEnumerable<JobPhase> Attacks(
        string? network, IReadOnlyList<AttackOptions> attacks, SplitSelection splits, int? limit, NetworkArchitecture architecture, DataSplits data) => splits.Names.SelectMany(split => attacks.Select((attack, i) => new JobPhase(
        new PhaseId(PhaseKind.Attack, network, split, i),
        Samples(data, split, limit) * Pass(architecture) * Gradient * Gradients(attack) * Budgets(attack),
        Budgets(attack))));

    /// <summary>Bounds of the margins, and the checks where they are asked for.</summary>
    public static IEnumerable<JobPhase> Evaluation(
        string? network, CertifyOptions certify, int? checkSamples, SplitSelection splits, int? limit, NetworkArchitecture architecture, DataSplits data)
    {
        foreach (string split in splits.Names)
        {
            yield return new JobPhase(new PhaseId(PhaseKind.Certificates, network, split), Bounds(certify, architecture, Samples(data, split, limit)));
        }

        if (checkSamples is { } samples)
        {
            string split = splits.Names.Contains("test") ? "test" : splits.Names[0];
            yield return new JobPhase(
                new PhaseId(PhaseKind.Checks, network), Math.Min(samples, Samples(data, split, limit)) * Pass(architecture) * Gradient * CheckGradients, EvaluationChecks.All.Count);
        }
    }

    /// <summary>The attacks on the networks of some epochs.</summary>
    public static JobPhase EqualAccuracy(string network, int epochs, int samples, int steps, NetworkArchitecture architecture, DataSplits data) => new(
        new PhaseId(PhaseKind.EqualAccuracy, network),
        epochs * Pass(architecture) * (data.Test.Count + (samples * (double)steps * Gradient)),
        epochs);

    /// <summary>How jobs of a sweep compare with one another before any has run: by their epochs, or by their attacks.</summary>
    public static double Weight(JobSpec spec) => spec switch
    {
        TrainSpec train => train.Epochs,
        CompareSpec compare => compare.Runs().Sum(static run => (double)run.Training.Epochs),
        AttackSpec attack => attack.Attacks.Sum(static a => Gradients(a) * Budgets(a)),
        TheorySpec theory => theory.Iterations,
        _ => 1,
    };

    private static double Samples(DataSplits data, string split, int? limit) => Math.Min(split == "train" ? data.Train.Count : data.Test.Count, limit ?? int.MaxValue);

    private static int Budgets(AttackOptions attack) => attack is FixedBudgetOptions budgets ? Math.Max(1, budgets.Epsilons.Count) : 1;

    /// <summary>Gradients of a sample that an attack takes within one budget, about; queries count as a third.</summary>
    private static double Gradients(AttackOptions attack) => attack switch
    {
        FgsmOptions => 1,
        PgdOptions pgd => pgd.Steps * Math.Max(1, pgd.Restarts),
        ApgdOptions apgd => apgd.Steps * Math.Max(1, apgd.Restarts),
        SuiteOptions suite => (suite.Steps * (double)suite.Restarts * (suite.Suite == SuiteKind.Thorough ? 3 : 2)) + (suite.Queries / Gradient),
        FabOptions fab => fab.Steps * Math.Max(1, fab.Restarts),
        SquareOptions square => square.Queries / Gradient,
        NoiseOptions noise => noise.Draws / Gradient,
        CarliniWagnerOptions wagner => wagner.Steps * (double)wagner.SearchSteps,
        FmnOptions fmn => fmn.Steps,
        DeepFoolOptions => 5,
        HopSkipJumpOptions jump => jump.Iterations * (double)jump.MaxEvaluations / Gradient,
        _ => 100,
    };

    private static double Bounds(CertifyOptions certify, NetworkArchitecture architecture, double attacked)
    {
        double pass = Pass(architecture) * Gradient * BoundEvaluations;
        double neurons = architecture.Layers.Where(static layer => layer.Weight is null).Sum(static layer => (double)layer.Output.Length);
        double each = certify.Methods.Sum(method => method switch
        {
            CertifyMethod.Lipschitz => 0,
            CertifyMethod.Crown => pass * Math.Max(1, neurons),
            _ => pass,
        });
        double asked = certify.Samples is { } samples ? Math.Min(samples, attacked) * each : Math.Min(Math.Min(BoundSamples, attacked) * each, BoundWork);
        return Math.Max(1, asked);
    }

    /// <summary>Multiply-adds of one sample's forward pass.</summary>
    private static double Pass(NetworkArchitecture architecture) => Math.Max(1, architecture.Layers.Sum(static layer => layer switch
    {
        ConvLayer => (double)layer.Output[0] * layer.Output[1] * (layer.Weight?.Length ?? 0),
        _ => layer.Weight?.Length ?? 0,
    }));
}
