using Differential.Kernels.Gpu;
using ILGPU;

namespace Differential.Kernels.Gemm;

/// <summary>A factor multiplied by the first of two numbers in device memory.</summary>
internal readonly struct ScaledOperand<TOperand>(TOperand operand, ArrayView<float> scale) : IOperand
    where TOperand : struct, IOperand
{
    private readonly TOperand _operand = operand;
    private readonly ArrayView<float> _scale = scale;

    public static bool AlongK => TOperand.AlongK;

    public bool IsAligned => _operand.IsAligned;

    public Float4 Load(int outer, int k, int kEnd) => Float4.Scale(_scale[0], _operand.Load(outer, k, kEnd));

    public Float4 LoadAligned(int outer, int k, int kEnd) => Float4.Scale(_scale[0], _operand.LoadAligned(outer, k, kEnd));
}

/// <summary>Takes a product times the second of two numbers in device memory: the inverse of the first.</summary>
internal readonly struct ScaledSink<TSink>(TSink sink, ArrayView<float> scale) : ISink
    where TSink : struct, ISink
{
    private readonly TSink _sink = sink;
    private readonly ArrayView<float> _scale = scale;

    public void Store(int row, int column, Float4 values) => _sink.Store(row, column, Float4.Scale(_scale[1], values));
}
