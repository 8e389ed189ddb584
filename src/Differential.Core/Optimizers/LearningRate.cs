namespace Differential.Core.Optimizers;

/// <summary>The learning rate over a run.</summary>
internal static class LearningRate
{
    /// <summary>The rate of one step: constant, or the half cosine η·(1 + cos(π·step / steps)) / 2 without restarts.</summary>
    /// <param name="options">The initial rate and the schedule.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="steps">Steps of the whole run.</param>
    public static float At(OptimizerOptions options, long step, long steps)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        double rate = options.InitialLearningRate;
        return options.Schedule switch
        {
            Schedule.Constant => (float)rate,
            Schedule.Cosine => (float)(rate * (1 + Math.Cos(Math.PI * step / steps)) / 2),
            _ => throw new NotSupportedException($"no schedule {options.Schedule}"),
        };
    }
}
