using System.Collections.Immutable;

namespace Differential.Kernels.Convolution;

/// <summary>Neighbouring outputs along one axis whose windows are cut by the image's edges in the same way.</summary>
/// <param name="Output">Position of the first output.</param>
/// <param name="Index">The first output's number on its axis.</param>
/// <param name="Count">Number of outputs.</param>
/// <param name="Input">First input inside the first output's window.</param>
/// <param name="Tap">First tap of the window that lies inside the image.</param>
/// <param name="Taps">Taps that lie inside; 0 where the whole window is padding.</param>
internal readonly record struct WindowRun(int Output, int Index, int Count, int Input, int Tap, int Taps);

/// <summary>
/// One axis of a sliding-window sum: output number j stands at OutputStart + j·OutputStep and sees the inputs
/// InputStart + j·InputStep + t for taps t. Inputs outside 0 … Inputs − 1 are zeros that are never multiplied.
/// </summary>
internal readonly record struct WindowAxis(
    int Outputs, int OutputStart, int OutputStep, int InputStart, int InputStep, int Taps, int Inputs)
{
    /// <summary>The outputs of a convolution along one axis.</summary>
    public static WindowAxis Forward(int inputs, int outputs, int size, int stride, int padding) =>
        new(outputs, 0, 1, -padding, stride, size, inputs);

    /// <summary>
    /// The input gradient along one axis, for the inputs i with (i + padding) mod stride = <paramref name="phase"/>.
    /// They see outputs through the taps phase, phase + stride, … of the kernel, last tap first; so each phase is a
    /// convolution of step 1 and no product with an inserted zero is computed.
    /// </summary>
    public static WindowAxis Backward(int inputs, int outputs, int size, int stride, int padding, int phase)
    {
        int taps = TapsOfPhase(size, stride, phase);
        int first = (((phase - padding) % stride) + stride) % stride;
        int count = first < inputs ? ((inputs - 1 - first) / stride) + 1 : 0;
        return new(count, first, stride, ((first + padding - phase) / stride) - (taps - 1), 1, taps, outputs);
    }

    /// <summary>How many of the taps 0 … size − 1 are phase, phase + stride, ….</summary>
    public static int TapsOfPhase(int size, int stride, int phase) => phase < size ? ((size - 1 - phase) / stride) + 1 : 0;

    /// <summary>All outputs in order, grouped by how their windows are cut.</summary>
    public ImmutableArray<WindowRun> Runs()
    {
        ImmutableArray<WindowRun>.Builder runs = ImmutableArray.CreateBuilder<WindowRun>();
        for (int j = 0; j < Outputs; j++)
        {
            int start = InputStart + (j * InputStep);
            int tap = Math.Max(0, -start);
            int taps = Math.Max(0, Math.Min(Taps, Inputs - start) - tap);
            if (taps == 0)
            {
                // No tap and no input: nothing is read for these outputs.
                (tap, start) = (0, 0);
            }

            if (runs.Count > 0 && runs[^1].Tap == tap && runs[^1].Taps == taps)
            {
                runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
            }
            else
            {
                runs.Add(new WindowRun(OutputStart + (j * OutputStep), j, 1, start + tap, tap, taps));
            }
        }

        return runs.ToImmutable();
    }
}
