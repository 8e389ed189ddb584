namespace Differential.Kernels.Devices;

/// <summary>A device was asked for that is not there. The message names what there is and why the asked one is missing.</summary>
public sealed class DeviceNotFoundException(string message) : Exception(message);

/// <summary>The device has not enough memory. The message says how much was asked for and how much there is.</summary>
public sealed class DeviceMemoryException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The device failed (driver error, lost device). It cannot be used further; a fresh one may work.</summary>
public sealed class DeviceLostException(string message, Exception? inner = null) : Exception(message, inner);
