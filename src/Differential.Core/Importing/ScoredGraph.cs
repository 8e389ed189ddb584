using Differential.Core.Onnx;
using Differential.Kernels.Devices;

namespace Differential.Core.Importing;

/// <summary>A graph that another program computes: what goes in, and what is made of what comes out.</summary>
/// <param name="File">The model's file.</param>
/// <param name="Input">Name of the input.</param>
/// <param name="Output">Name of the output.</param>
/// <param name="Sample">Shape of one sample: [height, width, channels] or [features].</param>
/// <param name="Dimensions">Extents of a sample in the file's order.</param>
/// <param name="ChannelsFirst">Whether the file has the channels first.</param>
/// <param name="Batch">Samples of each call; null for any number.</param>
/// <param name="Mean">Taken off each channel of inputs in [0, 1].</param>
/// <param name="Scale">Factor of each channel then.</param>
internal sealed record ScoredGraph(
    string File, string Input, string Output, Shape Sample, IReadOnlyList<int> Dimensions, bool ChannelsFirst, int? Batch, IReadOnlyList<float> Mean, IReadOnlyList<float> Scale)
{
    /// <summary>Reads what is to be known of a model that another program computes.</summary>
    /// <param name="file">The model.</param>
    /// <param name="options">What is known of it beside its file.</param>
    /// <exception cref="InputException">It is broken, or not as the options say.</exception>
    public static ScoredGraph Of(string file, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OnnxModel model = OnnxFile.Read(file);
        GraphInput input = GraphInput.Of(model.Graph, file, options.Sample);
        (float[] mean, float[] scale) = (options.Input ?? new ExpectedInput()).Of(input.Sample);
        return new ScoredGraph(
            file,
            input.Name,
            GraphEnd.OutputOf(model.Graph, file).Name,
            input.Sample,
            input.Dimensions,
            input.Sample.Rank == 3 && input.Order is not [0, 1, 2],
            input.Batch == GraphImport.AnyBatch ? null : input.Batch,
            mean,
            scale);
    }

    /// <summary>A sample as the file takes it.</summary>
    /// <param name="sample">As stored, channels last.</param>
    /// <param name="target">[sample's length], in the file's order.</param>
    public void Write(ReadOnlySpan<float> sample, Span<float> target)
    {
        int channels = Mean.Count;
        int pixels = sample.Length / channels;
        for (int i = 0; i < sample.Length; i++)
        {
            int channel = i % channels;
            float value = (sample[i] - Mean[channel]) * Scale[channel];
            target[ChannelsFirst ? (channel * pixels) + (i / channels) : i] = value;
        }
    }
}
