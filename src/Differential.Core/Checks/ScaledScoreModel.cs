using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Checks;

/// <summary>A model whose scores and thresholds are multiplied by a positive factor: it decides every input as the model does.</summary>
internal sealed class ScaledScoreModel : IScoreModel, IDisposable
{
    private readonly IScoreModel _model;
    private readonly float _factor;
    private readonly float[] _values;
    private readonly Tensor<float> _scores;
    private readonly Tensor<float> _slopes;

    public ScaledScoreModel(IScoreModel model, float factor)
    {
        _model = model;
        _factor = factor;
        _values = new float[model.MaxBatch * model.Scores];
        Thresholds = [.. model.Thresholds.Select(threshold => factor * threshold)];
        _scores = model.Device.Allocate(new Shape(model.MaxBatch * model.Scores));
        _slopes = model.Device.Allocate(new Shape(model.MaxBatch * model.Scores));
    }

    public ComputeDevice Device => _model.Device;

    public Shape SampleShape => _model.SampleShape;

    public int MaxBatch => _model.MaxBatch;

    public int Scores => _model.Scores;

    public IReadOnlyList<float> Thresholds { get; }

    public bool SearchesApart => _model.SearchesApart;

    public Tensor<float> Search(Tensor<float> x, int count) => Scale(_model.Search(x, count), _scores, count);

    public Tensor<float> Forward(Tensor<float> x, int count) => Scale(_model.Forward(x, count), _scores, count);

    public Tensor<float> InputGradient(Tensor<float> dScores, int count) => _model.InputGradient(Scale(dScores, _slopes, count), count);

    public void Dispose()
    {
        _scores.Dispose();
        _slopes.Dispose();
    }

    private Tensor<float> Scale(Tensor<float> from, Tensor<float> to, int count)
    {
        Span<float> values = _values.AsSpan(0, count * Scores);
        from.Read(values);
        foreach (ref float value in values)
        {
            value *= _factor;
        }

        to.Write(values);
        return to;
    }
}
