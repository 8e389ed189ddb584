using Differential.Core.Files;
using Differential.Core.Networks;

namespace Differential.Core.Importing;

/// <summary>A network that was read.</summary>
/// <param name="Architecture">Its layers.</param>
/// <param name="Normalization">Of its inputs.</param>
/// <param name="Tensors">Values of the layers' parameters and state.</param>
/// <param name="Thresholds">One for each score.</param>
/// <param name="Notes">What a reader of results is to know.</param>
internal sealed record ImportedNetwork(
    NetworkArchitecture Architecture, InputNormalization Normalization, IReadOnlyList<NamedTensor> Tensors, IReadOnlyList<float> Thresholds, IReadOnlyList<string> Notes);
