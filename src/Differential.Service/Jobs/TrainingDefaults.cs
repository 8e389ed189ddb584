using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Core.Optimizers;

namespace Differential.Service.Jobs;

/// <summary>What train and compare jobs share where a job leaves a field out, and the bounds of their fields.</summary>
internal static class TrainingDefaults
{
    public const int Epochs = 15;

    public const int BatchSize = 128;

    public const int MaxEpochs = 1_000_000;

    public const int MaxBatchSize = 65_536;

    public static OptimizerOptions Optimizer { get; } = new SgdOptions { LearningRate = 0.02, Momentum = 0.9 };

    /// <summary>The contract's cnn for images, a linear model for points.</summary>
    public static ModelOptions Model(DataOptions data) => data.IsImages ? new CnnOptions() : new LinearOptions();
}
