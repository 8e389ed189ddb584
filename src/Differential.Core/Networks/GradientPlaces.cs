namespace Differential.Core.Networks;

/// <summary>
/// Where the gradients by a plan's outputs lie: in buffers that are taken again as soon as nobody needs what they hold, two of a chain, one more for each branch
/// that is open at a time; or, in training, in the place of the output itself, where that is needed no more. The gradient by a node's output is written
/// by the last of the nodes that take it, and those before add theirs, from the last to the first: always in the same order.
/// </summary>
internal sealed class GradientPlaces
{
    private readonly bool[] _takesPart;
    private readonly int[] _buffers;
    private readonly Dictionary<(int Node, int Input), int> _parts = [];
    private readonly bool _byInput;

    /// <param name="layers">The nodes.</param>
    /// <param name="lengths">Elements of each node's output of one sample.</param>
    /// <param name="inputLength">Those of the network's input where the gradient by it is needed, else null.</param>
    /// <param name="overwritten">Of each node how the gradient by its output takes the output's place.</param>
    /// <param name="buffers">Takes the gradients, a step for each node from the last to the first, behind those of a forward pass.</param>
    public GradientPlaces(IReadOnlyList<FusedLayer> layers, IReadOnlyList<int> lengths, int? inputLength, IReadOnlyList<Overwriting> overwritten, BufferPlan buffers)
    {
        int end = layers.Count - 1;
        _byInput = inputLength is not null;
        _takesPart = new bool[layers.Count];
        _buffers = [.. lengths.Select(static _ => -1)];
        Scratch = [.. _buffers];
        for (int i = 0; i <= end; i++)
        {
            _takesPart[i] = _byInput || layers[i].Layer.Parameters.Count > 0 || layers[i].Inputs.Any(IsNeeded);
        }

        bool isInputWritten = false;
        for (int i = end; i >= 0; i--)
        {
            int step = layers.Count + end - i;
            for (int input = 0; input < layers[i].Inputs.Length && _takesPart[i]; input++)
            {
                int source = layers[i].Inputs[input];
                if (!IsNeeded(source))
                {
                    continue;
                }

                if (source >= 0 && overwritten[source].IsDone)
                {
                    Scratch[source] = overwritten[source].ScratchLength is var scratch and > 0 ? buffers.Place(scratch, step, step) : -1;
                }
                else if (source < 0 ? isInputWritten : _buffers[source] >= 0)
                {
                    _parts[(i, input)] = buffers.Place(source < 0 ? inputLength!.Value : lengths[source], step, step);
                }
                else if (source < 0)
                {
                    isInputWritten = true;
                }
                else
                {
                    _buffers[source] = buffers.Place(lengths[source], step, layers.Count + end - source);
                }
            }
        }
    }

    /// <summary>By node, the buffer through which the gradient by its output comes to its place; −1 for none.</summary>
    public int[] Scratch { get; }

    /// <summary>Whether a gradient is a sum of several nodes' parts.</summary>
    public bool HasSums => _parts.Count > 0;

    /// <summary>Whether backward passes go through a node.</summary>
    public bool TakesPart(int node) => _takesPart[node];

    /// <summary>Whether the gradient by a node's output is computed; −1 is the network's input.</summary>
    public bool IsNeeded(int source) => source < 0 ? _byInput : _takesPart[source];

    /// <summary>The buffer of the gradient by a node's output; −1 where it is in none.</summary>
    public int Buffer(int node) => _buffers[node];

    /// <summary>The buffer of a part that is added to the gradient by one of a node's inputs; null where it is that gradient's first.</summary>
    public int? Part(int node, int input) => _parts.TryGetValue((node, input), out int buffer) ? buffer : null;
}

/// <summary>How a training step puts the gradient by an output in the place of the output.</summary>
/// <param name="IsDone">Whether it does.</param>
/// <param name="ScratchLength">
/// Elements of a sample, of the largest batch, of a buffer through which the gradient comes some samples at a time, so that a ReLU's mask is taken before
/// the output is gone; 0 where it is written at once.
/// </param>
internal readonly record struct Overwriting(bool IsDone, int ScratchLength);
