using Differential.Core.Decisions;
using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>What one attack made of the attacked samples within one budget.</summary>
/// <param name="Attack">The attack's kind as job files name it.</param>
/// <param name="Norm">The norm of its perturbations.</param>
/// <param name="Epsilon">The budget; null for a minimum-norm attack.</param>
/// <param name="Inputs">[n, …sample] as stored (channels last), clipped.</param>
public sealed record AdversarialInputs(string Attack, AttackNorm Norm, double? Epsilon, ReadOnlyMemory<float> Inputs);

/// <summary>The attacked samples of one split.</summary>
/// <param name="Split"><c>train</c> or <c>test</c>.</param>
/// <param name="SampleShape">[height, width, channels] or [features].</param>
/// <param name="Indices">[n]: the samples' positions in their data set.</param>
/// <param name="Labels">[n]: +1 or −1; of three classes or more the class's number.</param>
/// <param name="Attacks">For each attack and budget.</param>
public sealed record AdversarialSplit(
    string Split, Shape SampleShape, IReadOnlyList<int> Indices, IReadOnlyList<sbyte> Labels, IReadOnlyList<AdversarialInputs> Attacks);
