namespace Differential.Kernels.Devices;

/// <summary>A device was asked for that is not there. The message names what there is and why the asked one is missing.</summary>
public sealed class DeviceNotFoundException(string message) : Exception(message);

/// <summary>The device has not enough memory. The message says how much was asked for and how much there is.</summary>
public sealed class DeviceMemoryException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What was held on the device when the allocation failed: that much could be had.</summary>
    public long HeldBytes { get; init; }
}

/// <summary>
/// The device failed (driver error, lost device). It cannot be used further, only disposed; a fresh one may work. The message is one
/// line that names the device and the driver's error.
/// </summary>
public sealed class DeviceLostException(string message, Exception? inner = null) : Exception(message, inner);
