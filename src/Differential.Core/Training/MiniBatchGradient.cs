using Differential.Core.Batches;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>One batch a step. The whole epoch's order lies on the device.</summary>
internal class MiniBatchGradient : GradientSource
{
    private readonly OwnedResources _owned = new();
    private readonly BatchOrder _order;
    private readonly Tensor<int> _samples;
    private readonly Tensor<int>[] _batches;
    private readonly int[] _hostSamples;
    private readonly BatchFeeder? _feeder;
    private readonly long _seed;
    private readonly bool _needsPairs;
    private int _epoch = 1;

    public MiniBatchGradient(Network network, SampleBatches data, TrainingOptions options)
        : this(network, data, options, copies: 1)
    {
    }

    /// <param name="network">The network.</param>
    /// <param name="data">The training set.</param>
    /// <param name="options">Loss, batch size and seed.</param>
    /// <param name="copies">Times that a batch goes through the network side by side.</param>
    protected MiniBatchGradient(Network network, SampleBatches data, TrainingOptions options, int copies)
    {
        ComputeDevice device = network.Device;
        Data = data;
        _seed = options.Seed;
        _order = BatchOrder.Create(options.Batches, data.Data.Labels, options.BatchSize, options.Seed, data.Data.Classes);
        _needsPairs = options.Loss.NeedsPairs;
        _hostSamples = new int[_order.SamplesPerEpoch];
        MaxCount = Enumerable.Range(0, _order.Steps).Max(_order.Count);
        try
        {
            Plan = Own(network.Plan(copies * MaxCount, PlanPurpose.Training, options.Activations));
            Batch = Own(device.Allocate(data.Data.SampleShape.Batched(copies * MaxCount)));
            Loss = Own(options.Loss.CreateLoss(device, MaxCount, Scores, data.Data.CountClasses()));
            _samples = Own(device.Allocate<int>(new Shape(_order.SamplesPerEpoch)));
            _batches = [.. Enumerable.Range(0, _order.Steps).Select(step => _samples.Slice(_order.Start(step), new Shape(_order.Count(step))))];
            Labels = Own(device.Allocate(new Shape(MaxCount * Scores)));
            DScores = Own(device.Allocate(new Shape(copies * MaxCount * Scores)));
            _feeder = options.Augment is { } augment
                ? Own(new BatchFeeder(device, data.Data, new BatchAugmentation(data.Data, augment, options.Seed), MaxCount))
                : data.Feeder;
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    public override int Steps => _order.Steps;

    public override bool IsRepeatable => true;

    public override NetworkPlan Plan { get; }

    public override Tensor<float> Batch { get; }

    /// <summary>Samples of the largest batch.</summary>
    protected int MaxCount { get; }

    protected SampleBatches Data { get; }

    /// <summary>Scores of a sample.</summary>
    protected int Scores => Data.Data.Scores;

    protected Loss Loss { get; }

    protected Tensor<float> Labels { get; }

    protected Tensor<float> DScores { get; }

    /// <summary>Number of the step in the run, from 0: what random changes of it are drawn by.</summary>
    protected long StepNumber { get; private set; }

    /// <summary>Indices of the samples that were loaded, on the host.</summary>
    protected ReadOnlyMemory<int> LoadedSamples { get; private set; }

    /// <summary>The source for options: attacked batches where they ask for them.</summary>
    public static MiniBatchGradient Create(Network network, SampleBatches data, TrainingOptions options) =>
        options.Adversarial?.CreateGradient(network, data, options) ?? new MiniBatchGradient(network, data, options);

    public override void Begin(int epoch)
    {
        _epoch = epoch;
        _order.Begin(epoch);
        _order.Samples.CopyTo(_hostSamples);
        _samples.Write(_hostSamples);
    }

    /// <inheritdoc/>
    /// <remarks>Of a loss of pairs a batch of one class alone.</remarks>
    public override bool IsSkipped(int index) => _needsPairs && _order.IsOfOneClass(index);

    public override int Load(int index)
    {
        int count = _order.Count(index);
        StepNumber = ((_epoch - 1L) * Steps) + index;
        LoadedSamples = Samples(index);
        Plan.Draw(_seed, StepNumber);
        if (_feeder is null)
        {
            Data.Load(LoadedSamples.Span, _batches[index], Batch);
        }
        else
        {
            _feeder.Load(LoadedSamples.Span, StepNumber, Batch);
            if (index + 1 < Steps)
            {
                _feeder.Prepare(Samples(index + 1), StepNumber + 1);
            }
        }

        Data.LoadLabels(_batches[index], Labels, count);
        return count;
    }

    public override void Compute(Tensor<float> loss, int count)
    {
        Tensor<float> scores = Plan.Forward(Batch, count, PassMode.Train);
        Loss.Compute(scores, Labels, DScores, loss, count);
        Plan.ParameterGradients(DScores, count);
    }

    private ReadOnlyMemory<int> Samples(int index) => _hostSamples.AsMemory(_order.Start(index), _order.Count(index));

    protected T Own<T>(T resource)
        where T : IDisposable => _owned.Add(resource);

    protected override void Dispose(bool disposing) => _owned.Dispose();
}
