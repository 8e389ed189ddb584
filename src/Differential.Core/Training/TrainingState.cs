using Differential.Core.Files;
using Differential.Core.Networks;
using Differential.Core.Optimizers;
using Differential.Kernels.Devices;

namespace Differential.Core.Training;

/// <summary>
/// What of a network and its optimiser decides how a training goes on, by name: <c>layers.0.weight</c>, <c>optimizer.velocity.layers.0.weight</c>,
/// <c>layers.1.running_mean</c>; the singular vectors and norm of a layer held at norm 1 are <c>layers.0.norm</c>.
/// </summary>
internal static class TrainingState
{
    /// <summary>The values on the host.</summary>
    public static IReadOnlyList<NamedTensor> Read(Network network, Optimizer optimizer) => [.. Parts(network, optimizer).SelectMany(static part => part.Read())];

    /// <summary>Goes on from values that were read.</summary>
    /// <param name="network">The network.</param>
    /// <param name="optimizer">Its optimiser.</param>
    /// <param name="steps">Steps that the optimiser had taken.</param>
    /// <param name="tensors">The values; those of version 1, which have no names, part by part.</param>
    /// <exception cref="InvalidDataException">One is missing, or of another length.</exception>
    public static void Restore(Network network, Optimizer optimizer, long steps, IReadOnlyList<NamedTensor> tensors)
    {
        bool hasNames = tensors.Any(static tensor => tensor.Name.Length > 0);
        Dictionary<string, float[]> named = hasNames ? tensors.ToDictionary(static tensor => tensor.Name, static tensor => tensor.Values) : [];
        var values = new Queue<float[]>(Parts(network, optimizer).Select((part, i) => hasNames ? part.Join(named) : part.Checked(tensors.ElementAtOrDefault(i)?.Values)));
        network.SetParameters(values.Dequeue());
        optimizer.Restore(steps, [.. optimizer.State.Select(_ => values.Dequeue())]);
        if (network.NormState is not null)
        {
            network.RestoreNorms(values.Dequeue());
        }

        if (network.StateValues is not null)
        {
            network.SetState(values.Dequeue());
        }
    }

    /// <summary>In the order of version 1; what that one did not have comes last.</summary>
    private static IEnumerable<Part> Parts(Network network, Optimizer optimizer)
    {
        (string Name, int Length)[] parameters = [.. network.Parameters.Select(static parameter => (parameter.Name, parameter.Shape.Length))];
        yield return new Part(network.ParameterValues, parameters, string.Empty);
        foreach ((string name, Tensor<float> state) in optimizer.StateNames.Zip(optimizer.State))
        {
            yield return new Part(state, parameters, $"optimizer.{name}.");
        }

        if (network.NormState is { } norms)
        {
            yield return new Part(norms, [.. network.NormParts], string.Empty);
        }

        if (network.StateValues is { } states)
        {
            yield return new Part(states, [.. network.State.Select(static state => (state.Name, state.Value.Length))], string.Empty);
        }
    }

    /// <summary>A flat tensor and how it is divided.</summary>
    private sealed record Part(Tensor<float> Flat, (string Name, int Length)[] Pieces, string Prefix)
    {
        public IEnumerable<NamedTensor> Read()
        {
            float[] all = Flat.ToArray();
            int offset = 0;
            foreach ((string name, int length) in Pieces)
            {
                yield return new NamedTensor(Prefix + name, new Shape(length), all[offset..(offset + length)]);
                offset += length;
            }
        }

        public float[] Join(Dictionary<string, float[]> named) => Checked([.. Pieces.SelectMany(piece =>
            named.TryGetValue(Prefix + piece.Name, out float[]? values) && values.Length == piece.Length
                ? values
                : throw new InvalidDataException($"the checkpoint has no {Prefix}{piece.Name} of {piece.Length} values"))]);

        public float[] Checked(float[]? values) => values?.Length == Flat.Length ? values : throw new InvalidDataException($"the checkpoint has no {Flat.Length} values of {Prefix}{Pieces[0].Name} and on");
    }
}
