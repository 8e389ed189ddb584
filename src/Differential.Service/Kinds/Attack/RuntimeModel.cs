using Differential.Core;
using Differential.Core.Importing;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Microsoft.ML.OnnxRuntime;

namespace Differential.Service.Kinds.Attack;

/// <summary>A model that ONNX Runtime computes, on the CPU: scores, and no gradients.</summary>
internal sealed class RuntimeModel : IScoreModel, IDisposable
{
    private readonly ScoredGraph _graph;
    private readonly IReadOnlyList<int>? _columns;
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly Tensor<float>? _scores;
    private readonly float[] _inputs;
    private readonly float[] _values;
    private readonly int _outputs;

    /// <param name="graph">What goes in and comes out.</param>
    /// <param name="options">What is known of the model beside its file.</param>
    /// <param name="maxBatch">Largest number of samples in one call.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <exception cref="InputException">ONNX Runtime does not take the model, or its output is none of scores.</exception>
    public RuntimeModel(ScoredGraph graph, ImportOptions options, int maxBatch, int threads)
    {
        _graph = graph;
        MaxBatch = maxBatch;
        Device = new SimdDevice(threads: 1);
        try
        {
            using var settings = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
            _session = new InferenceSession(graph.File, settings);
        }
        catch (OnnxRuntimeException exception)
        {
            Device.Dispose();
            throw new InputException(graph.File, string.Empty, $"ONNX Runtime does not take it ({FirstLine(exception)})", "a model of the standard's operators");
        }

        _inputs = new float[(long)maxBatch * graph.Sample.Length];
        _values = new float[(long)maxBatch * graph.Sample.Length];
        try
        {
            // One sample of zeros tells how many scores there are.
            _outputs = Compute(1).Length;
            _columns = options.Columns ?? (_outputs == 2 ? [1, 0] : null);
            if (_columns?.Any(column => column >= _outputs) == true)
            {
                throw new InputException(graph.File, $"output {graph.Output}", $"{_outputs} scores", $"more than {_columns.Max()}");
            }

            Scores = _columns is null ? _outputs : _columns.Count == 2 ? 1 : _columns.Count;
            Thresholds = Scores == 1 && _outputs == 1 && options.Output == ModelOutput.Probabilities ? [0.5f] : new float[Scores];
            _scores = Device.Allocate(new Shape(maxBatch, Scores));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ComputeDevice Device { get; }

    public Shape SampleShape => _graph.Sample;

    public int MaxBatch { get; }

    public int Scores { get; }

    public IReadOnlyList<float> Thresholds { get; }

    public Tensor<float> Forward(Tensor<float> x, int count)
    {
        ArgumentNullException.ThrowIfNull(x);
        int length = SampleShape.Length;
        x.Read(_values.AsSpan(0, count * length));
        for (int i = 0; i < count; i++)
        {
            _graph.Write(_values.AsSpan(i * length, length), _inputs.AsSpan(i * length, length));
        }

        float[] outputs = Compute(count);
        var scores = new float[count * Scores];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> row = outputs.AsSpan(i * _outputs, _outputs);
            if (_columns is { Count: 2 })
            {
                scores[i] = row[_columns[0]] - row[_columns[1]];
                continue;
            }

            for (int k = 0; k < Scores; k++)
            {
                scores[(i * Scores) + k] = row[_columns?[k] ?? k];
            }
        }

        _scores!.Write(scores);
        return _scores;
    }

    public Tensor<float> InputGradient(Tensor<float> dScores, int count) => throw new NotSupportedException("ONNX Runtime computes no gradients here");

    public void Dispose()
    {
        _scores?.Dispose();
        _run.Dispose();
        _session.Dispose();
        Device.Dispose();
    }

    /// <summary>The outputs of the first samples of the inputs; in parts where the file has a fixed batch.</summary>
    private float[] Compute(int count)
    {
        int length = SampleShape.Length;
        int part = _graph.Batch ?? count;
        var all = new List<float>();
        for (int first = 0; first < count; first += part)
        {
            float[] inputs = new float[part * length];
            int taken = Math.Min(part, count - first);
            _inputs.AsSpan(first * length, taken * length).CopyTo(inputs);
            long[] shape = [part, .. _graph.Dimensions.Select(static extent => (long)extent)];
            try
            {
                using OrtValue input = OrtValue.CreateTensorValueFromMemory(inputs, shape);
                using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_run, [_graph.Input], [input], [_graph.Output]);
                ReadOnlySpan<float> outputs = results[0].GetTensorDataAsSpan<float>();
                if (outputs.Length == 0 || outputs.Length % part != 0)
                {
                    throw new InputException(_graph.File, $"output {_graph.Output}", $"{outputs.Length} elements for {part} samples", "as many for each sample");
                }

                all.AddRange(outputs[..(outputs.Length / part * taken)]);
            }
            catch (OnnxRuntimeException exception)
            {
                throw new InputException(_graph.File, string.Empty, $"ONNX Runtime does not compute it ({FirstLine(exception)})", "a model that takes the data's samples");
            }
        }

        return [.. all];
    }

    private static string FirstLine(Exception exception) => exception.Message.Split('\n')[0].TrimEnd('.', '\r');
}
