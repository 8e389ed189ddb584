using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>A layer that only networks from other programs have: they are attacked and certified, not trained, and not written again.</summary>
internal abstract class ImportedLayer(LayerPlace place, Shape input, Shape output) : Layer(place, input, output)
{
    internal override string Export(LayerExport export, IReadOnlyList<string> inputs) =>
        throw new NotSupportedException($"{Place}: a network from a file of another program is in that file already");
}
