using Differential.Core.Layers;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Peers;

/// <summary>The pieces of work by name; benchmarks/peers/torch_side.py has the same names.</summary>
internal static class PeerWorks
{
    public const int BatchSize = 128;
    public const int AttackedImages = 500;
    public const int PairsOfAClass = 5_000;

    public static IReadOnlyList<string> Names { get; } = ["train-cnn", "train-lipschitz", "forward", "pgd-step", "deepfool", "pairs"];

    public static IPeerWork? Create(string name, ComputeDevice device) => name switch
    {
        "train-cnn" => new TrainingStep(device, new CnnOptions(), BatchSize),
        "train-lipschitz" => new TrainingStep(device, new LipschitzOptions(), BatchSize),
        "forward" => new ForwardPass(device, BatchSize),
        "pgd-step" => new PgdStep(device, AttackedImages),
        "deepfool" => new DeepFool(device, AttackedImages),
        "pairs" => new Pairs(device, PairsOfAClass),
        _ => null,
    };
}
