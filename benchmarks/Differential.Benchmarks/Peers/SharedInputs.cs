using System.Runtime.InteropServices;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Benchmarks.Peers;

/// <summary>Writes what both programs work on: the images, the network's first values, the built-in data of the compare job.</summary>
internal static class SharedInputs
{
    public static void Write(string folder, ComputeDevice device)
    {
        Directory.CreateDirectory(folder);
        Dataset images = Images.Create(PeerWorks.AttackedImages);
        File.WriteAllBytes(Path.Combine(folder, "images.u8"), images.Pixels!);
        using Network network = Images.Network(device, new CnnOptions(), images);
        var values = new float[network.ParameterValues.Length];
        network.ParameterValues.Read(values);
        File.WriteAllBytes(Path.Combine(folder, "cnn.f32"), MemoryMarshal.AsBytes<float>(values).ToArray());
        DataSplits shapes = new ShapesOptions { Count = 2_000, Size = 16 }.Load(folder, seed: 1);
        Write(folder, "train", shapes.Train);
        Write(folder, "test", shapes.Test);
    }

    private static void Write(string folder, string name, Dataset data)
    {
        File.WriteAllBytes(Path.Combine(folder, name + ".u8"), data.Pixels!);
        File.WriteAllBytes(Path.Combine(folder, name + ".labels"), [.. data.Labels.Select(static label => (byte)(label > 0 ? 1 : 0))]);
    }
}
