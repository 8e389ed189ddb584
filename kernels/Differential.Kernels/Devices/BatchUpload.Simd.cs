namespace Differential.Kernels.Devices;

/// <summary>The host's memory is the device's: nothing is copied.</summary>
internal sealed unsafe class BatchUploadSimd(SimdDevice device, int length) : BatchUpload(device, length)
{
    private readonly Tensor<byte> _batch = device.Allocate<byte>(new Shape(length));

    public override Span<byte> Host => new(SimdDevice.Pointer(_batch), Length);

    protected override Tensor<byte> SendCore(int count) => _batch;

    protected override void Dispose(bool disposing)
    {
        _batch.Dispose();
        base.Dispose(disposing);
    }
}
