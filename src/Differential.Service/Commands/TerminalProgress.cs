using System.Globalization;
using Differential.Core.Attacks;
using Differential.Core.Numerics;
using Differential.Core.Theory;
using Differential.Core.Training;
using Differential.Service.Hosting;
using Differential.Service.Runs;
using Spectre.Console;

namespace Differential.Service.Commands;

/// <summary>A job's progress on a terminal: a line that moves, and one that stays for each epoch and attack.</summary>
internal sealed class TerminalProgress : JobObserver
{
    private readonly IAnsiConsole _console;
    private readonly ProgressContext _context;
    private ProgressTask? _task;
    private string? _title;

    private TerminalProgress(IAnsiConsole console, ProgressContext context)
    {
        _console = console;
        _context = context;
    }

    /// <summary>Does the work with a progress display where standard error is a terminal, else with log lines alone.</summary>
    public static T Run<T>(ConsoleLevel level, bool text, Func<JobObserver, T> work)
    {
        if (Console.IsErrorRedirected || !text)
        {
            return work(new CompositeObserver());
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        level.OnlyWarnings();
        try
        {
            return console.Progress()
                .AutoClear(true)
                .HideCompleted(true)
                .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .Start(context => work(new TerminalProgress(console, context)));
        }
        finally
        {
            level.Everything();
        }
    }

    public override void StateChanged(JobStateChange change) => Line($"{change.Title} {change.Word} on {change.Device}");

    public override void StepDone(string? model, StepReport report)
    {
        ProgressTask task = Task($"{Prefix(model)}training", report.Epochs);
        task.Description = Text($"{Prefix(model)}epoch {report.Epoch}/{report.Epochs}  loss {report.Loss:0.####}  {report.ImagesPerSecond:0} images/s");
        task.Value = report.Epoch - 1 + ((double)report.Step / report.Steps);
    }

    public override void EpochDone(string? model, EpochReport report) => Line(Text(
        $"{Prefix(model)}epoch {report.Epoch}/{report.Epochs}  loss {report.Loss:0.####}  accuracy {report.TrainAccuracy:0.000} train, {report.TestAccuracy:0.000} test  margin {report.ScoreMargin:0.###}  {report.ImagesPerSecond:0} images/s"));

    public override void Attacking(string? model, string split, AttackProgress progress)
    {
        ProgressTask task = Task(Text($"{Prefix(model)}{progress.Kind} {progress.Norm} {Budget(progress.Epsilon)}on {split}"), progress.Total);
        task.Value = progress.Done;
    }

    public override void AttackDone(string? model, string split, AttackResult outcome) => Line(Text(outcome.Epsilon is null
        ? $"{Prefix(model)}{outcome.Kind} {outcome.Norm} on {split}: median distance {outcome.DistanceSummary?.Median:0.####}"
        : (FormattableString)$"{Prefix(model)}{outcome.Kind} {outcome.Norm} {Budget(outcome.Epsilon)}on {split}: {outcome.FlipRate:0.0 %} flipped"));

    public override void TheoryModelDone(TheoryModel model) => Line(Text($"{model.Name}: margin {model.Margin:0.#####}, {model.MarginRatio:0.0000} of the largest"));

    public override void Message(string text) => Line(text);

    private static string Prefix(string? model) => model is null ? string.Empty : model + "  ";

    private static string Budget(double? epsilon) => epsilon is double value ? $"ε {new Fraction(value).ToText()} " : string.Empty;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Line(string text) => _console.MarkupLineInterpolated($"{text}");

    private ProgressTask Task(string title, double max)
    {
        if (_task is null || _title != title)
        {
            _task?.StopTask();
            _task = _context.AddTask(Markup.Escape(title), autoStart: true, maxValue: max);
            _title = title;
        }

        return _task;
    }
}
