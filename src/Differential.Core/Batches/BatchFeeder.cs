using System.Runtime.ExceptionServices;
using Differential.Core.Data;
using Differential.Kernels.Devices;
using Differential.Kernels.Rows;

namespace Differential.Core.Batches;

/// <summary>
/// Batches that the host puts together from the stored samples and sends to the device: of a data set that has no room there, and
/// of images that are changed at random. Beside a device with a queue, and where the images lie in a file, the next batch is put together
/// by a thread of the pool while the device computes; the SIMD device computes on all cores, and there each batch of images in memory is
/// put together when it is asked for. The bits
/// are the same either way, and those of a data set that lies on the device.
/// </summary>
internal sealed class BatchFeeder : IDisposable, IThreadPoolWorkItem
{
    /// <summary>The step of a batch that nobody prepares.</summary>
    public const long NoStep = -1;

    private readonly OwnedResources _owned = new();
    private readonly ManualResetEventSlim _ready = new(initialState: true);
    private readonly Dataset _data;
    private readonly BatchAugmentation? _changes;
    private readonly int _length;
    private readonly bool _ahead;
    private readonly BatchUpload? _upload;
    private readonly RowGather? _gather;
    private readonly Tensor<int>? _rows;
    private readonly float[] _features = [];
    private ReadOnlyMemory<int> _samples;
    private long _prepared = NoStep;
    private ExceptionDispatchInfo? _error;

    /// <param name="device">Where the batches go.</param>
    /// <param name="data">The samples.</param>
    /// <param name="changes">Changes each image on the way; null for none.</param>
    /// <param name="maxBatch">Samples of a batch at most.</param>
    public BatchFeeder(ComputeDevice device, Dataset data, BatchAugmentation? changes, int maxBatch)
    {
        _data = data;
        _changes = changes;
        _length = data.SampleShape.Length;
        _ahead = device is not SimdDevice || data.IsInFile;
        if (!data.IsImages)
        {
            _features = new float[checked(maxBatch * _length)];
            return;
        }

        try
        {
            _upload = _owned.Add(BatchUpload.Create(device, checked(maxBatch * _length)));
            _gather = _owned.Add(RowGather.Create(device));
            _rows = _owned.Add(device.Allocate<int>(new Shape(maxBatch)));
            _rows.Write([.. Enumerable.Range(0, maxBatch)]);
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    /// <summary>Puts samples into the front of <paramref name="batch"/>, as networks see them before normalisation.</summary>
    /// <param name="samples">Indices of samples.</param>
    /// <param name="step">Number of the step in the run: decides the changes, and which batch was prepared.</param>
    /// <param name="batch">[at least samples, …sample].</param>
    public void Load(ReadOnlySpan<int> samples, long step, Tensor<float> batch)
    {
        if (!Take(step))
        {
            Fill(samples, step);
        }

        int count = samples.Length * _length;
        if (_upload is null)
        {
            batch.Write(_features.AsSpan(0, count));
        }
        else
        {
            _gather!.Gather(_upload.Send(count), _rows!, batch, _length, samples.Length);
        }
    }

    /// <summary>Has the batch put together that the next <see cref="Load"/> will ask for.</summary>
    public void Prepare(ReadOnlyMemory<int> samples, long step)
    {
        if (_ahead)
        {
            _ready.Wait();
            (_samples, _prepared) = (samples, step);
            _ready.Reset();
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            Fill(_samples.Span, _prepared);
        }
#pragma warning disable CA1031 // handed to the thread that asks for the batch
        catch (Exception exception)
        {
            _error = ExceptionDispatchInfo.Capture(exception);
        }
#pragma warning restore CA1031
        finally
        {
            _ready.Set();
        }
    }

    public void Dispose()
    {
        _ready.Wait();
        _owned.Dispose();
        _ready.Dispose();
    }

    /// <summary>Whether the batch of a step is there, once it is; another one is dropped.</summary>
    private bool Take(long step)
    {
        _ready.Wait();
        bool isThere = _prepared == step && step != NoStep;
        _prepared = NoStep;
        ExceptionDispatchInfo? error = Interlocked.Exchange(ref _error, null);
        if (isThere)
        {
            error?.Throw();
        }

        return isThere;
    }

    private void Fill(ReadOnlySpan<int> samples, long step)
    {
        if (_upload is null)
        {
            Copy(_data.Features!, samples);
        }
        else if (_changes is null)
        {
            for (int i = 0; i < samples.Length; i++)
            {
                _data.CopyImage(samples[i], _upload.Host[(i * _length)..]);
            }
        }
        else
        {
            _changes.Fill(samples, step, _upload.Host);
        }
    }

    private void Copy(float[] source, ReadOnlySpan<int> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            source.AsSpan(samples[i] * _length, _length).CopyTo(_features.AsSpan(i * _length));
        }
    }
}
