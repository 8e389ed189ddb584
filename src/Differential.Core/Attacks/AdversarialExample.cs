namespace Differential.Core.Attacks;

/// <summary>An input that flips, kept for people to look at.</summary>
/// <param name="Position">Its sample, by position in <see cref="SplitAttackResult.Samples"/>.</param>
/// <param name="Input">As stored, channels last; clipped to the bounds.</param>
/// <param name="Distances">From the clean input.</param>
/// <param name="Margin">Its signed margin for the sample's own class: at most 0. Of two classes label · (score − threshold).</param>
/// <param name="Decided">The class that it is decided for; of two classes 0 for the positive and 1 for the negative one.</param>
public sealed record AdversarialExample(int Position, IReadOnlyList<float> Input, FlipDistances Distances, float Margin, int Decided);
