using System.Globalization;
using Differential.Benchmarks.Peers;
using Differential.Core.Networks;

namespace Differential.Benchmarks.Gpu;

/// <summary>What a work must compute: samples or pairs, and the multiplications and additions of its matrix products.</summary>
internal static class WorkCost
{
    /// <returns>Images or pairs of a run, and floating-point operations, 0 where there are no products.</returns>
    public static (double Count, double Operations) Of(string work)
    {
        string[] parts = work.Split(':');
        int? given = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : null;
        return parts[0] switch
        {
            "train-cnn" => Training(new CnnOptions(), given ?? PeerWorks.BatchSize),
            "train-lipschitz" => Training(new LipschitzOptions(), given ?? PeerWorks.BatchSize),
            "train-resnet18" => Training(new ResNet18Options(), given ?? PeerWorks.LargeNetworkBatchSize),
            "forward-resnet18" => Passes(new ResNet18Options(), given ?? PeerWorks.LargeNetworkBatchSize, 1),
            "forward" => Passes(new CnnOptions(), given ?? PeerWorks.BatchSize, 1),
            "pgd-step" => Passes(new CnnOptions(), given ?? PeerWorks.AttackedImages, 2),
            "pairs" => ((double)(given ?? PeerWorks.PairsOfAClass) * (given ?? PeerWorks.PairsOfAClass), 0),
            "train-tiny" or "pgd-tiny" => (given ?? PeerWorks.TinyBatchSize, 0),
            _ => (given ?? PeerWorks.AttackedImages, 0),
        };
    }

    /// <summary>Forward, weights, inputs; no gradient by the network's input. Norms are not counted.</summary>
    private static (double Count, double Operations) Training(ModelOptions model, int count)
    {
        double[] products = Products(model);
        return (count, 2.0 * count * ((3 * products.Sum()) - products[0]));
    }

    private static (double Count, double Operations) Passes(ModelOptions model, int count, int passes) => (count, 2.0 * count * passes * Products(model).Sum());

    /// <summary>Of each layer with weights: products of one image.</summary>
    private static double[] Products(ModelOptions model) =>
        [.. NetworkArchitecture.Create(Images.Size, model.LayerList).Layers.Where(static layer => layer.FanIn > 0).Select(static layer => (double)layer.Output.Length * layer.FanIn)];
}
