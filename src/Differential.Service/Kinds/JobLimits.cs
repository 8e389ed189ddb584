using System.Globalization;
using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Service.Runs;

namespace Differential.Service.Kinds;

/// <summary>
/// Refuses jobs that are too large before any of the memory is touched. What is added up is the least that a job needs, so
/// that no job is refused that would have had room.
/// </summary>
internal sealed class JobLimits(LimitOptions options)
{
    // A value and its gradient; an optimiser's own state comes on top where it has one.
    private const int TensorsOfParameters = 2;

    private long Memory => options.MaxMemoryBytes > 0 ? options.MaxMemoryBytes : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Refuses data that would not fit, before they are loaded or made.</summary>
    /// <exception cref="InputException">Too large.</exception>
    public void CheckData(DataOptions data, string file)
    {
        ArgumentNullException.ThrowIfNull(data);
        (string field, Int128 bytes) = data.LeastMemory();
        CheckMemory(bytes, file, $"{DataOptions.Place}.{field}", "the data");
    }

    /// <summary>Refuses a network that would not fit with its data and the activations of a batch.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="data">The data, loaded.</param>
    /// <param name="batch">Samples of a batch.</param>
    /// <param name="file">The job file, for messages.</param>
    /// <param name="owner">Place of the object that the model stands in.</param>
    /// <exception cref="InputException">Too large.</exception>
    public void CheckNetwork(NetworkArchitecture architecture, DataSplits data, int batch, string file, string owner = "$")
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(data);
        if (architecture.ParameterCount > options.MaxParameters)
        {
            throw new InputException(
                file, $"{owner}.model", string.Create(CultureInfo.InvariantCulture, $"a network of {architecture.ParameterCount} weights and biases"), $"allowed: at most {options.MaxParameters} (Limits:MaxParameters)");
        }

        Int128 activations = architecture.Layers.Where(l => l is not (ReluLayer or FlattenLayer or ViewLayer)).Aggregate((Int128)architecture.Input.Length, (sum, l) => sum + l.Output.Length);
        int samples = Math.Min(batch, Math.Max(data.Train.Count, data.Test.Count));
        Int128 bytes = (((Int128)TensorsOfParameters * architecture.ParameterCount) + (activations * samples)) * sizeof(float);
        CheckMemory(bytes + BytesOf(data.Train) + (ReferenceEquals(data.Train, data.Test) ? 0 : BytesOf(data.Test)), file, $"{owner}.model", $"the data, the network and the activations of {samples} samples");
    }

    private static Int128 BytesOf(Dataset data) => data.IsInFile ? 0 : data.Bytes;

    private void CheckMemory(Int128 bytes, string file, string place, string what)
    {
        if (bytes > Memory)
        {
            throw new InputException(
                file, place, string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes of memory at least for {what}"), string.Create(CultureInfo.InvariantCulture, $"allowed: at most {Memory} (Limits:MaxMemoryBytes, or this machine's memory)"));
        }
    }
}
