using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Core.Networks;

[Description("Dropout: training steps set elements to 0 at random and divide the others by the share that stays. Off in evaluations and attacks.")]
public sealed record DropoutOptions : LayerOptions
{
    [Description("Share of the elements that is dropped.")]
    [Range(0.0, 0.95)]
    public double Rate { get; init; } = 0.5;

    internal override bool DependsOnMode => true;

    internal override Layer Create(LayerPlace place, Shape input) => new DropoutLayer(place, input, Rate);
}

/// <summary>Dropout. What a step drops comes from the seed's stream of the layer and the step, so that a training that goes on needs nothing of it.</summary>
internal sealed class DropoutLayer : Layer
{
    internal DropoutLayer(LayerPlace place, Shape input, double rate)
        : base(place, input, input)
    {
        Rate = rate is >= 0 and < 1 ? rate : throw new ArchitectureException(place, $"rate is {rate}", "at least 0 and below 1");
    }

    /// <summary>Share of the elements that is dropped.</summary>
    public double Rate { get; }

    public override bool DependsOnMode => true;

    internal override bool IsIdentity => true;

    internal override string Export(LayerExport export, IReadOnlyList<string> inputs) => inputs[0];

    internal override PlannedLayer Plan(Network network, int maxBatch, Fusion fusion) => new Planned(this, network);

    private sealed class Planned : PlannedLayer
    {
        private readonly DropoutLayer _layer;
        private readonly Dropout _dropout;
        private readonly Tensor<int> _key;

        public Planned(DropoutLayer layer, Network network)
        {
            _layer = layer;
            _dropout = Dropout.Create(network.Device);
            _key = network.Device.Allocate<int>(new Shape(Dropout.KeyLength));
        }

        public override OutputUse OutputUse => OutputUse.None;

        public override bool ReadsInputs(PlanPurpose purpose) => false;

        public override void Draw(long seed, long step)
        {
            ulong word = new RandomStream(seed, $"dropout {_layer.Name}", step).NextUInt64();
            _key.Write([(int)(uint)word, (int)(uint)(word >> 32)]);
        }

        public override void Forward(Tensor<float>[] x, Tensor<float> y, int count, PassMode mode)
        {
            if (mode == PassMode.Train)
            {
                _dropout.Apply(x[0], _key, _layer.Rate, y, count * _layer.Input.Length);
            }
            else
            {
                y.CopyFrom(x[0], count * _layer.Input.Length);
            }
        }

        public override void BackwardInput(int input, Tensor<float>[] x, Tensor<float> y, Tensor<float> dy, Tensor<float> dx, int count) =>
            _dropout.Apply(dy, _key, _layer.Rate, dx, count * _layer.Input.Length);

        protected override void Dispose(bool disposing)
        {
            _dropout.Dispose();
            _key.Dispose();
        }
    }
}
