namespace Differential.Service.Kinds.Train;

/// <summary>The network after an epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Accuracy">Share of the test samples decided correctly, of the epoch's report.</param>
/// <param name="FlipRate">Of the curve's attack on some of these.</param>
internal sealed record EpochFlips(int Epoch, double Accuracy, double FlipRate);
