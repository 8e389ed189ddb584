using Differential.Core.Batches;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Microsoft.ML.OnnxRuntime;

namespace Differential.Benchmarks.Peers;

/// <summary>
/// The forward pass by ONNX Runtime of the network's own <c>model.onnx</c>, with the same first values, images and threads. Input and output
/// are made once and used again. Its scores agree with this program's to 10⁻⁴ of the largest, or the work is refused.
/// </summary>
internal sealed class OnnxForward : IPeerWork
{
    private const double Tolerance = 1e-4;

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly OrtValue _input;
    private readonly OrtValue _output;
    private readonly float[] _scores;

    public OnnxForward(ComputeDevice device, ModelOptions model, int count)
    {
        Dataset images = Images.Create(count);
        using Network network = Images.Network(device, model, images);
        string folder = Directory.CreateTempSubdirectory("differential-onnx-").FullName;
        try
        {
            string file = Path.Combine(folder, "model.onnx");
            OnnxExport.Save(file, network, new SavedModel(model.LayerList, Images.Size, [.. network.Normalization.Mean], network.Normalization.Scale, 0, "positive", "negative", []));
            using var settings = new SessionOptions
            {
                IntraOpNumThreads = device is SimdDevice simd ? simd.Threads : 1,
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            };
            _session = new InferenceSession(file, settings);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        _scores = new float[count];
        _input = OrtValue.CreateTensorValueFromMemory(ChannelsFirst(images, count), [count, Images.Size[2], Images.Size[0], Images.Size[1]]);
        _output = OrtValue.CreateTensorValueFromMemory(_scores, [count, 1]);
        Run();
        Check(ScoreEvaluator.Scores(network, images));
    }

    public void Run() => _session.Run(_options, _session.InputNames, [_input], _session.OutputNames, [_output]);

    public void Dispose()
    {
        _output.Dispose();
        _input.Dispose();
        _options.Dispose();
        _session.Dispose();
    }

    /// <summary>The images in [0, 1] as ONNX has them: [count, channels, height, width].</summary>
    private static float[] ChannelsFirst(Dataset images, int count)
    {
        (int pixels, int channels) = (Images.Size[0] * Images.Size[1], Images.Size[2]);
        var values = new float[count * Images.Size.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (int image, int within) = Math.DivRem(i, Images.Size.Length);
            (int pixel, int channel) = Math.DivRem(within, channels);
            values[(image * Images.Size.Length) + (channel * pixels) + pixel] = images.Pixels![i] / 255f;
        }

        return values;
    }

    private void Check(float[] expected)
    {
        double largest = expected.Max(Math.Abs);
        double apart = expected.Zip(_scores).Max(static pair => Math.Abs((double)pair.First - pair.Second));
        if (!(apart <= Tolerance * Math.Max(1, largest)))
        {
            throw new InvalidOperationException($"ONNX Runtime's scores are up to {apart:g3} from this program's, of which the largest is {largest:g3}");
        }
    }
}
