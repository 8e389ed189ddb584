using System.Globalization;
using Differential.Core.Attacks;
using Differential.Core.Numerics;
using Differential.Core.Theory;
using Differential.Core.Training;
using Differential.Service.Hosting;
using Differential.Service.Progress;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Commands;

/// <summary>A job's progress on a terminal: one bar for the whole job, and a line that stays for each epoch, attack and warning.</summary>
internal sealed class TerminalProgress : JobObserver, IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(120);

    private readonly TerminalScreen _screen;
    private readonly bool _colour;
    private readonly Timer _timer;
    private JobProgress _progress = new();
    private int _turns;
    private int _ended;

    private TerminalProgress(TerminalScreen screen, bool colour)
    {
        _screen = screen;
        _colour = colour;
        _timer = new Timer(_ => Draw(), null, TimeSpan.Zero, Turn);
    }

    /// <summary>Does the work with a progress display where standard error is a terminal, else with log lines alone.</summary>
    /// <param name="level">The level of log lines on the console.</param>
    /// <param name="isShown">Whether progress is wanted at all.</param>
    /// <param name="work">The work.</param>
    public static T Run<T>(ConsoleLevel level, bool isShown, Func<JobObserver, T> work)
    {
        if (!isShown || !TerminalKind.OfError.Moves)
        {
            return work(new CompositeObserver());
        }

        TextWriter error = Console.Error;
        var screen = new TerminalScreen(error, static () => TerminalKind.Width);
        var progress = new TerminalProgress(screen, TerminalKind.OfError.HasColour);
        using IDisposable shown = level.ShowProgress();
        Console.SetError(screen.Lines());
        try
        {
            return work(progress);
        }
        finally
        {
            progress.Dispose();
            Console.SetError(error);
        }
    }

    public override void StateChanged(JobStateChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        Line($"{change.Title} {change.Word} on {change.Device}", change.Error is null ? null : TextColour.Red);
    }

    public override void EpochDone(string? model, EpochReport report) => Line(Text(
        $"{Prefix(model)}epoch {report.Epoch}/{report.Epochs}  loss {Numbers.Figure(report.Loss)}  accuracy {Numbers.Share(report.TrainAccuracy)} train, {Numbers.Share(report.TestAccuracy)} test  margin {Numbers.Figure(report.ScoreMargin)}  {Numbers.Figure(report.ImagesPerSecond)} images/s"));

    public override void AttackDone(string? model, string split, AttackResult outcome) => Line(Text(outcome.Epsilon is null
        ? $"{Prefix(model)}{outcome.Kind} {outcome.Norm} on {split}: median distance {Numbers.Figure(outcome.DistanceSummary?.Median)}"
        : (FormattableString)$"{Prefix(model)}{outcome.Kind} {outcome.Norm} {Budget(outcome.Epsilon)}on {split}: {Numbers.Share(outcome.FlipRate)} flipped"));

    public override void TheoryModelDone(TheoryModel model) => Line(Text($"{model.Name}: margin {Numbers.Figure(model.Margin)}, {Numbers.Share(model.MarginRatio)} of the largest"));

    public override void Message(string text) => Line(text);

    /// <summary>Written whole, in lines of the terminal's width.</summary>
    public override void Warning(string text) => _screen.Stay(string.Concat(
        TerminalText.Wrap("Warning: " + text, _screen.Width, indent: 2).Select(line => TerminalText.Paint(line, TextColour.Yellow, _colour) + Environment.NewLine)));

    /// <summary>The result's tables will say it, once.</summary>
    public override void CheckWarned(string? model, string check, string text)
    {
    }

    public override void Progressed(JobProgress progress) => Volatile.Write(ref _progress, progress);

    public void Dispose()
    {
        Interlocked.Exchange(ref _ended, 1);
        using var ended = new ManualResetEvent(false);
        if (_timer.Dispose(ended))
        {
            ended.WaitOne();
        }

        _screen.End();
    }

    private static string Prefix(string? model) => model is null ? string.Empty : model + "  ";

    private static string Budget(double? epsilon) => epsilon is double value ? $"ε {new Fraction(value).ToText()} " : string.Empty;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Line(string text, TextColour? colour = null)
    {
        string line = TerminalText.Cut(text.ReplaceLineEndings(" "), _screen.Width);
        _screen.Stay((colour is { } wanted ? TerminalText.Paint(line, wanted, _colour) : line) + Environment.NewLine);
        Draw();
    }

    private void Draw()
    {
        if (Volatile.Read(ref _ended) == 0)
        {
            JobProgress progress = Volatile.Read(ref _progress);
            int spin = Interlocked.Increment(ref _turns) & int.MaxValue;
            _screen.Move(width => BarLine.Of(progress, spin, width, _colour));
        }
    }
}
