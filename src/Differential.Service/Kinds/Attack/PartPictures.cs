using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Attack;

/// <summary>The smallest flips of an attacked network, as the report shows them: all that is left of the samples once the network is done.</summary>
/// <param name="Split">"test", or "train" where no test samples were attacked.</param>
/// <param name="Attacks">Of images.</param>
/// <param name="Plane">Of points of two dimensions; null for others.</param>
internal sealed record PartPictures(string Split, IReadOnlyList<PicturedAttack> Attacks, PlaneChart? Plane)
{
    /// <param name="network">The network; null where another program computes it.</param>
    /// <param name="data">The samples.</param>
    /// <param name="attacks">The runs.</param>
    public static PartPictures Of(AttackedNetwork? network, DataSplits data, IReadOnlyList<(string Split, SplitAttackResult Result)> attacks)
    {
        ArgumentNullException.ThrowIfNull(data);
        (string split, SplitAttackResult result) = attacks.FirstOrDefault(static a => a.Split == "test", attacks[0]);
        Dataset samples = split == "train" ? data.Train : data.Test;
        return new PartPictures(
            split,
            data.Train.IsImages ? ExamplePictures.Of(result, samples, data.Names) : [],
            network is not null && PlanePictures.IsPlane(data) ? PlanePictures.Of(split, PlanePictures.FieldOf(network.Network, data), samples, result, data.Names) : null);
    }
}

/// <summary>The smallest flips of one attack.</summary>
internal sealed record PicturedAttack(string Kind, AttackNorm Norm, IReadOnlyList<Example> Examples);
