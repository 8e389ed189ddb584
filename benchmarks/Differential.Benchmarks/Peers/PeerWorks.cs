using System.Globalization;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Peers;

/// <summary>The pieces of work by name; benchmarks/peers/torch_side.py has the same names. <c>onnx-</c> is ONNX Runtime, <c>limit</c> what the machine itself does, a fixed number of multiply-adds.</summary>
internal static class PeerWorks
{
    public const int BatchSize = 128;
    public const int LargeNetworkBatchSize = 64;
    public const int AttackedImages = 500;
    public const int PairsOfAClass = 5_000;
    public const int TinyBatchSize = 2;

    private static Shape TinySize { get; } = new(4, 4, 1);

    /// <summary>A network for simulated devices, which take minutes for what others do in milliseconds.</summary>
    private static NetworkOptions Tiny { get; } = new() { Layers = [new ConvOptions { Filters = 2 }, new ReluOptions(), new MaxPoolOptions(), new DenseOptions { Units = 1 }] };

    public static IReadOnlyList<string> Names { get; } = ["train-cnn", "train-lipschitz", "train-resnet18", "forward", "forward-resnet18", "onnx-forward", "onnx-forward-resnet18", "pgd-step", "deepfool", "pairs", "train-tiny", "pgd-tiny", "limit"];

    /// <summary>The networks whose training steps are measured, and their batches.</summary>
    public static IReadOnlyDictionary<string, (ModelOptions Model, int Batch)> Trained { get; } = new Dictionary<string, (ModelOptions, int)>
    {
        ["cnn"] = (new CnnOptions(), BatchSize),
        ["lipschitz"] = (new LipschitzOptions(), BatchSize),
        ["resNet18"] = (new ResNet18Options(), LargeNetworkBatchSize),
    };

    /// <param name="work">A name of <see cref="Names"/>, or one with a colon and a number of images, or of scores of a class.</param>
    /// <param name="device">Where.</param>
    /// <param name="activations">What training steps do with them.</param>
    public static IPeerWork? Create(string work, ComputeDevice device, Activations activations = Activations.Kept)
    {
        string[] parts = work.Split(':');
        int? count = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : null;
        return parts[0] switch
        {
            "train-cnn" => Training("cnn"),
            "train-lipschitz" => Training("lipschitz"),
            "train-resnet18" => Training("resNet18"),
            "forward" => new ForwardPass(device, new CnnOptions(), count ?? BatchSize),
            "forward-resnet18" => new ForwardPass(device, new ResNet18Options(), count ?? LargeNetworkBatchSize),
            "onnx-forward" => new OnnxForward(device, new CnnOptions(), count ?? BatchSize),
            "onnx-forward-resnet18" => new OnnxForward(device, new ResNet18Options(), count ?? LargeNetworkBatchSize),
            "pgd-step" => new PgdStep(device, new CnnOptions(), count ?? AttackedImages),
            "deepfool" => new DeepFool(device, count ?? AttackedImages),
            "train-tiny" => new TrainingStep(device, Tiny, count ?? TinyBatchSize, activations, TinySize),
            "pgd-tiny" => new PgdStep(device, Tiny, count ?? TinyBatchSize, TinySize),
            "pairs" => new Pairs(device, count ?? PairsOfAClass),
            "limit" => new MultiplyAdds(device),
            _ => null,
        };

        TrainingStep Training(string model) => new(device, Trained[model].Model, count ?? Trained[model].Batch, activations);
    }
}
