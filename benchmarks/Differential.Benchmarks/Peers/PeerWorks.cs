using System.Globalization;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Peers;

/// <summary>The pieces of work by name; benchmarks/peers/torch_side.py has the same names.</summary>
internal static class PeerWorks
{
    public const int BatchSize = 128;
    public const int LargeNetworkBatchSize = 64;
    public const int AttackedImages = 500;
    public const int PairsOfAClass = 5_000;

    public static IReadOnlyList<string> Names { get; } = ["train-cnn", "train-lipschitz", "train-resnet18", "forward", "pgd-step", "deepfool", "pairs"];

    /// <param name="work">A name of <see cref="Names"/>, or one with a colon and a number of images, or of scores of a class.</param>
    /// <param name="device">Where.</param>
    public static IPeerWork? Create(string work, ComputeDevice device)
    {
        string[] parts = work.Split(':');
        int? count = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : null;
        return parts[0] switch
        {
            "train-cnn" => new TrainingStep(device, new CnnOptions(), count ?? BatchSize),
            "train-lipschitz" => new TrainingStep(device, new LipschitzOptions(), count ?? BatchSize),
            "train-resnet18" => new TrainingStep(device, new ResNet18Options(), count ?? LargeNetworkBatchSize),
            "forward" => new ForwardPass(device, count ?? BatchSize),
            "pgd-step" => new PgdStep(device, count ?? AttackedImages),
            "deepfool" => new DeepFool(device, count ?? AttackedImages),
            "pairs" => new Pairs(device, count ?? PairsOfAClass),
            _ => null,
        };
    }
}
