using Differential.Core;
using Differential.Kernels.Devices;

namespace Differential.Service.Runs;

/// <summary>A device with too little memory, as a mistake of the job.</summary>
internal static class DeviceShortage
{
    /// <summary>What a run met.</summary>
    /// <param name="exception">That ended the run.</param>
    /// <param name="file">The job file.</param>
    /// <returns>Null for other exceptions.</returns>
    public static InputException? MistakeOf(Exception exception, string file) => exception switch
    {
        MemoryShortageException { Shortage: var shortage } => Mistake(shortage, file, shortage.LargestBatch is null ? "$.device" : "$.batchSize"),
        DeviceMemoryException memory => new InputException(file, "$.device", memory.Message, "a smaller job or a device with more memory"),
        _ => null,
    };

    /// <summary>What was foreseen.</summary>
    public static InputException Mistake(MemoryShortage shortage, string file, string place) => new(file, place, shortage.Found, shortage.Allowed);
}
