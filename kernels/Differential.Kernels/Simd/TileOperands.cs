namespace Differential.Kernels.Simd;

/// <summary>
/// What a register tile multiplies: output[i, j] = max(floor, start[i, j] + Σ over planes p, segments s and steps r of
/// left[i·RowStride + r·StepStride + s·SegmentStride + p·PlaneStride] · right[j + r·RightStride + s·RightSegmentStride + p·RightPlaneStride]),
/// j within one or two vectors. Strides count floats. The sum runs in this order for every tile size.
/// </summary>
internal unsafe struct TileOperands
{
    /// <summary>The operand read as single floats.</summary>
    public float* Left;

    public nint RowStride;
    public nint StepStride;
    public nint SegmentStride;

    /// <summary>The operand read as vectors.</summary>
    public float* Right;

    public nint RightStride;
    public nint RightSegmentStride;
    public nint Steps;
    public nint Segments;

    /// <summary>Planes behind the first: 0 for most products.</summary>
    public nint MorePlanes;

    public nint PlaneStride;
    public nint RightPlaneStride;

    /// <summary>What the sums start from: a bias (stride 0) or what the output already holds.</summary>
    public float* Start;

    public nint StartStride;
    public float* Output;
    public nint OutputStride;

    /// <summary>0 for a ReLU, −∞ for none.</summary>
    public float Floor;
}
