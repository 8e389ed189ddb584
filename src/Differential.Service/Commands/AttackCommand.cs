using System.CommandLine;
using System.Text.Json;
using Differential.Core;
using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Importing;
using Differential.Core.Models;
using Differential.Core.Numerics;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;
using Differential.Service.Predictions;

namespace Differential.Service.Commands;

/// <summary><c>differential attack</c>: an attack job without a job file.</summary>
internal static class AttackCommand
{
    private const string Source = "arguments";

    private static readonly Option<bool> Suite = new("--suite") { Description = "The suite of APGD, FAB and Square in place of PGD; it takes longer and finds more." };

    private static readonly Option<bool> Checks = new("--checks") { Description = "Checks the evaluation itself too." };

    private static readonly Option<int?> Limit = WholeNumber.Between("--limit", "At most so many correctly classified samples are attacked; all by default.", 1, int.MaxValue);

    private static readonly Option<string[]> L2 = Budgets("--l2", "Budgets in L2; 0.25 0.5 1 by default.");

    private static readonly Option<string[]> Linf = Budgets("--linf", "Budgets in L∞; 2/255 8/255 on images by default, none on points.");

    public static Command Create()
    {
        Argument<string> model = ModelArguments.Model();
        Argument<string> data = ModelArguments.Data();
        var command = new Command("attack", "Attacks a trained network on the test samples of some data, without a job file: PGD and DeepFool, or the suite, and a report.")
        {
            model, data, Suite, L2, Linf, Limit, Checks, ModelArguments.Mean, ModelArguments.Std, ModelArguments.Seed, SharedOptions.Device, SharedOptions.Threads, SharedOptions.Output, SharedOptions.Fresh,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(ForegroundJob.Run(
            SharedOptions.Read(parsed),
            () => Job(parsed, parsed.GetValue(model)!, parsed.GetValue(data)!),
            new ForegroundSettings(parsed.GetValue(SharedOptions.Output), parsed.GetValue(SharedOptions.Fresh)),
            cancellation)));
        return command;
    }

    private static JobFile Job(ParseResult parsed, string modelPath, string dataPath)
    {
        string path = ModelArguments.Existing(dataPath, "data");
        string file = ModelOpener.FileOf(ModelArguments.Existing(modelPath, "model"));
        var import = new ImportOptions { Input = ModelArguments.Expected(parsed) };
        bool isJson = ModelArguments.IsJson(path);
        DataOptions data = isJson ? DataSection.Read(path) : Guess(path, ModelArguments.Open(file, import));
        Fraction[] l2 = Values(parsed.GetValue(L2), "--l2") ?? [new(0.25), new(0.5), new(1)];
        Fraction[] linf = Values(parsed.GetValue(Linf), "--linf") ?? (data.IsImages ? [new(2 / 255.0), new(8 / 255.0)] : []);
        var spec = new AttackSpec
        {
            Name = $"attack-{Path.GetFileNameWithoutExtension(path)}",
            Seed = ModelArguments.SeedOf(parsed.GetValue(ModelArguments.Seed), modelPath),
            Model = file,
            Input = import.Input,
            Data = data,
            Limit = parsed.GetValue(Limit),
            Attacks = [.. !isJson || HasGradients(file, import) ? Attacks(parsed.GetValue(Suite), l2, linf) : ScoreAttacks(l2, linf)],
            Checks = parsed.GetValue(Checks),
        };

        // By the rules of job files, bounds of numbers included.
        var mistakes = new InputMistakes(Source);
        JobSpec? job = JobReader.Read(JsonSerializer.SerializeToElement<JobSpec>(spec, JobJson.Options), mistakes, static (_, path) => path);
        mistakes.ThrowIfAny();
        return new JobFile(Source, job!, mistakes.Warnings);
    }

    private static DataOptions Guess(string path, OpenedModel model) => DataGuess.Of(path, model) ?? throw new InputException(
        path, string.Empty, "images without their classes", $"a folder for each class: {string.Join(", ", DataGuess.NamesOf(model, path))}");

    /// <summary>Of data that tell nothing of the model: whether it is computed by this program's own layers; what else is wrong with it the job will say.</summary>
    private static bool HasGradients(string file, ImportOptions import)
    {
        try
        {
            ModelOpener.Open(file, import);
            return true;
        }
        catch (UnsupportedOperatorException)
        {
            return false;
        }
        catch (InputException)
        {
            return true;
        }
    }

    /// <summary>Attacks by scores and decisions alone.</summary>
    private static IEnumerable<AttackOptions> ScoreAttacks(Fraction[] l2, Fraction[] linf) =>
        [.. InEachNorm(l2, linf, static (norm, budgets) => new SquareOptions { Norm = norm, Epsilons = budgets }), new HopSkipJumpOptions()];

    private static IEnumerable<AttackOptions> Attacks(bool suite, Fraction[] l2, Fraction[] linf) => suite
        ? InEachNorm(l2, linf, static (norm, budgets) => new SuiteOptions { Norm = norm, Epsilons = budgets })
        : [.. InEachNorm(l2, linf, static (norm, budgets) => new PgdOptions { Norm = norm, Epsilons = budgets, Steps = 40 }), new DeepFoolOptions()];

    private static IEnumerable<AttackOptions> InEachNorm(Fraction[] l2, Fraction[] linf, Func<AttackNorm, Fraction[], AttackOptions> attack)
    {
        (AttackNorm Norm, Fraction[] Budgets)[] norms = [(AttackNorm.L2, l2), (AttackNorm.Linf, linf)];
        return norms.Where(static n => n.Budgets.Length > 0).Select(n => attack(n.Norm, n.Budgets));
    }

    private static Fraction[]? Values(string[]? texts, string option) => texts is null or [] ? null
        : [.. texts.Select(text => Fraction.Parse(text) is { Value: >= 0 } budget && double.IsFinite(budget.Value)
            ? budget
            : throw new InputException(Source, option, $"'{text}'", "numbers of at least 0, or fractions such as 8/255"))];

    private static Option<string[]> Budgets(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true };
}
