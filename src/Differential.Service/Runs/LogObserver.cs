using Differential.Core.Attacks;
using Differential.Core.Numerics;
using Differential.Core.Theory;
using Differential.Core.Training;
using Serilog;
using Serilog.Events;

namespace Differential.Service.Runs;

/// <summary>One log event per change of a job's state, epoch, attack and budget, linear model.</summary>
internal sealed class LogObserver(ILogger logger) : JobObserver
{
    public override void StateChanged(JobStateChange change)
    {
        LogEventLevel level = change.Error is null ? LogEventLevel.Information : LogEventLevel.Error;
        if (change.Error is null)
        {
            logger.Write(level, "Job {Id} ({Title}) {State} on {Device} in {Folder}", change.Id, change.Title, change.Word, change.Device, change.Folder);
        }
        else
        {
            logger.Write(level, "Job {Id} ({Title}) {State} on {Device} in {Folder}: {Error}", change.Id, change.Title, change.Word, change.Device, change.Folder, change.Error);
        }
    }

    public override void EpochDone(string? model, EpochReport report)
    {
        if (double.IsNaN(report.TestAccuracy))
        {
            For(model).Information(
                "Epoch {Epoch}/{Epochs}: loss {Loss:0.####}, train accuracy {TrainAccuracy:0.0 %}, margin {ScoreMargin:0.###}, {ImagesPerSecond:0} images/s",
                report.Epoch, report.Epochs, report.Loss, report.TrainAccuracy, report.ScoreMargin, report.ImagesPerSecond);
            return;
        }

        For(model).Information(
            "Epoch {Epoch}/{Epochs}: loss {Loss:0.####}, train accuracy {TrainAccuracy:0.0 %}, test accuracy {TestAccuracy:0.0 %}, margin {ScoreMargin:0.###}, {ImagesPerSecond:0} images/s",
            report.Epoch, report.Epochs, report.Loss, report.TrainAccuracy, report.TestAccuracy, report.ScoreMargin, report.ImagesPerSecond);
    }

    public override void AttackDone(string? model, string split, AttackResult outcome)
    {
        if (outcome.Epsilon is double epsilon)
        {
            For(model).ForContext("Epsilon", epsilon).Information(
                "Attack {Attack} {Norm} within {Budget:l} on {Split}: {Flipped} of {Attacked} flipped, flip rate {FlipRate:0.0 %}",
                outcome.Kind, outcome.Norm, new Fraction(epsilon).ToText(), split, outcome.FlippedCount, outcome.Flipped.Count, outcome.FlipRate);
        }
        else if (outcome.DistanceSummary?.Median is not { } median)
        {
            For(model).Information(
                "Attack {Attack} {Norm} on {Split}: {Found} of {Attacked} found",
                outcome.Kind, outcome.Norm, split, outcome.Distances?.Count(static distance => distance is not null), outcome.Flipped.Count);
        }
        else
        {
            For(model).Information(
                "Attack {Attack} {Norm} on {Split}: median distance {MedianDistance:0.#####} of {Attacked}",
                outcome.Kind, outcome.Norm, split, median, outcome.Flipped.Count);
        }
    }

    public override void TheoryModelDone(TheoryModel model) => logger.Information(
        "Model {Model}: margin {Margin:0.#####}, {MarginRatio:0.0 %} of the largest, after {Iterations} iterations",
        model.Name, model.Margin, model.MarginRatio, model.Iterations);

    public override void Message(string text) => logger.Information("{Message:l}", text);

    public override void Warning(string text) => logger.Warning("{Message:l}", text);

    public override void CheckWarned(string? model, string check, string text) => For(model).Warning("{Check:l}: {Message:l}", check, text);

    private ILogger For(string? model) => model is null ? logger : new ModelLogger(logger, model);

    /// <summary>Puts the model's name before a message and into its properties.</summary>
    private sealed class ModelLogger(ILogger inner, string model) : ILogger
    {
        public void Write(LogEvent logEvent)
        {
            var template = new Serilog.Parsing.MessageTemplateParser().Parse("[{Model:l}] " + logEvent.MessageTemplate.Text);
            IEnumerable<LogEventProperty> properties = logEvent.Properties
                .Select(p => new LogEventProperty(p.Key, p.Value))
                .Append(new LogEventProperty("Model", new ScalarValue(model)));
            inner.Write(new LogEvent(logEvent.Timestamp, logEvent.Level, logEvent.Exception, template, properties));
        }
    }
}
