using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Differential.Core.Networks;

namespace Differential.Core.Certificates;

/// <summary>How distances are certified within which no decision changes.</summary>
public enum CertifyMethod
{
    /// <summary>Score over Lipschitz constant: costs nothing, for every sample.</summary>
    Lipschitz,

    /// <summary>Boxes, layer after layer.</summary>
    Interval,

    /// <summary>Linear bounds of the score on boxes.</summary>
    CrownInterval,

    /// <summary>Linear bounds of every neuron: for networks of some thousand neurons at most.</summary>
    Crown,
}

[Description("Lower bounds on each sample's distance to the boundary.")]
public sealed record CertifyOptions
{
    [Description("The methods; the largest bound counts. None for no bounds.")]
    [MaxLength(4)]
    public IReadOnlyList<CertifyMethod> Methods { get; init; } = [CertifyMethod.Lipschitz, CertifyMethod.CrownInterval];

    [Description("Samples of each split for which the methods other than lipschitz are used; by default what ten thousand million multiply-adds allow, 100 at most.")]
    [Range(0, 1_000_000)]
    public int? Samples { get; init; }

    [Description("Whose decisions stay: \"float32\", those of the real-valued network and of the one that this program computes in float32 on the CPU (on other devices as \"anyOrder\"); \"anyOrder\", of every network that computes in float32, in whatever order it sums; \"exact\", those of the real-valued network alone.")]
    public Arithmetic Arithmetic { get; init; } = Arithmetic.Rounded;
}
