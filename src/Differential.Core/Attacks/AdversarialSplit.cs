using Differential.Core.Data;

namespace Differential.Core.Attacks;

/// <summary>The attacked samples of one split, for <see cref="AdversarialFile"/>.</summary>
/// <param name="Split"><c>train</c> or <c>test</c>.</param>
/// <param name="Data">The split's samples.</param>
/// <param name="Result">The attacks on them, with the adversarial inputs kept.</param>
internal sealed record AdversarialSplit(string Split, Dataset Data, SplitAttackResult Result);
