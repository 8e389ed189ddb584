namespace Differential.Kernels.Devices;

/// <summary>A queue that can record what is put into it instead of doing it.</summary>
internal interface IStreamCapture
{
    /// <summary>From now on work is recorded.</summary>
    /// <exception cref="GraphRefusedException">The driver does not record.</exception>
    void Begin();

    /// <summary>Ends the recording and makes it ready to be replayed; the caller owns it.</summary>
    /// <exception cref="GraphRefusedException">The driver refuses the recording; nothing is recorded any more.</exception>
    IReplay End();

    /// <summary>Ends the recording and drops it.</summary>
    void Abort();
}

/// <summary>Recorded work.</summary>
internal interface IReplay : IDisposable
{
    /// <summary>Queues the work once more.</summary>
    /// <exception cref="DeviceLostException">The device failed.</exception>
    void Launch();
}

/// <summary>The driver does not take work into a graph. The message is one line.</summary>
internal sealed class GraphRefusedException(string message, Exception? inner = null) : Exception(message, inner);
