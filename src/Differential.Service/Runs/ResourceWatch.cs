using Differential.Kernels.Devices;
using Differential.Service.Observability;

namespace Differential.Service.Runs;

/// <summary>Watches what a run takes of its machine, some times a second, until it is disposed.</summary>
internal sealed class ResourceWatch : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly ComputeDevice _device;
    private readonly Rapl _rapl;
    private readonly Nvml? _nvml;
    private readonly int _gpu;
    private readonly double? _gpuStart;
    private readonly long _earlierPeak;
    private readonly Timer _timer;
    private RunResources _resources = new();

    public ResourceWatch(ComputeDevice device, Rapl rapl, Nvml? nvml)
    {
        ArgumentNullException.ThrowIfNull(device);
        (_device, _rapl, _nvml) = (device, rapl, nvml);
        _gpu = device.Info.Kind == DeviceKind.Cuda && int.TryParse(device.Info.Id.Split(':')[^1], out int index) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES")) ? index : -1;
        _gpuStart = GpuJoules();
        _earlierPeak = device.PeakBytes;
        Look();
        _timer = new Timer(_ => Look(), null, Pause, Pause);
    }

    /// <summary>What was taken so far.</summary>
    public RunResources Now()
    {
        Look();
        lock (_lock)
        {
            return _resources with { GpuJoules = GpuJoules() - _gpuStart };
        }
    }

    public void Dispose() => _timer.Dispose();

    // The driver counts its devices as CUDA does, unless the environment hides some.
    private double? GpuJoules() => _gpu < 0 ? null : _nvml?.Read().FirstOrDefault(g => g.Index == _gpu && g.Name == _device.Info.Name)?.EnergyJoules;

    private void Look()
    {
        // The device counts every allocation. Where a run before this one took more, what is seen now and then has to do.
        long device = _device.PeakBytes > _earlierPeak ? _device.PeakBytes : _device.AllocatedBytes;
        lock (_lock)
        {
            _resources = _resources with
            {
                PeakMemoryBytes = Math.Max(_resources.PeakMemoryBytes, Environment.WorkingSet),
                PeakDeviceMemoryBytes = Math.Max(_resources.PeakDeviceMemoryBytes, device),
                ProcessorJoules = _rapl.Read(),
            };
        }
    }
}
