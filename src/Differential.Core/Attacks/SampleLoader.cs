using Differential.Core.Data;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Attacks;

/// <summary>Puts samples of a data set on the device, images scaled there to [0, 1] as in training.</summary>
internal sealed class SampleLoader : IDisposable
{
    private readonly int _length;
    private readonly RowGather _gather;
    private readonly Tensor<byte>? _bytes;
    private readonly Tensor<int>? _identity;
    private readonly byte[] _stagedBytes = [];
    private readonly float[] _stagedFloats = [];

    public SampleLoader(ComputeDevice device, Dataset data, int maxCount)
    {
        Data = data;
        _length = data.SampleShape.Length;
        _gather = RowGather.Create(device);
        if (data.IsImages)
        {
            _stagedBytes = new byte[maxCount * _length];
            _bytes = device.Allocate<byte>(data.SampleShape.Batched(maxCount));
            _identity = device.Allocate<int>(new Shape(maxCount));
            _identity.Write([.. Enumerable.Range(0, maxCount)]);
        }
        else
        {
            _stagedFloats = new float[maxCount * _length];
        }
    }

    public Dataset Data { get; }

    /// <summary>Row i of <paramref name="rows"/> becomes sample <paramref name="samples"/>[i].</summary>
    public void Load(ReadOnlySpan<int> samples, Tensor<float> rows)
    {
        if (_bytes is null)
        {
            Stage(Data.Features!, samples, _stagedFloats);
            rows.Write(_stagedFloats.AsSpan(0, samples.Length * _length));
            return;
        }

        Stage(Data.Pixels!, samples, _stagedBytes);
        _bytes.Write(_stagedBytes.AsSpan(0, samples.Length * _length));
        _gather.Gather(_bytes, _identity!, rows, _length, samples.Length);
    }

    public void Dispose()
    {
        _gather.Dispose();
        _bytes?.Dispose();
        _identity?.Dispose();
    }

    private void Stage<T>(T[] source, ReadOnlySpan<int> samples, T[] staged)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            source.AsSpan(samples[i] * _length, _length).CopyTo(staged.AsSpan(i * _length));
        }
    }
}
