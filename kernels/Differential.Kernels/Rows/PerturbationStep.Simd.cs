using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Kernels.Rows;

/// <summary>Rows go to the threads; a row is read again by each pass of its step while it lies in the cache.</summary>
internal sealed unsafe class PerturbationStepSimd(SimdDevice device, int length, int maxCount) : PerturbationStep(device, length, maxCount)
{
    private interface IRowBody
    {
        void Run(int row, nint offset, int length, int vectorBits);
    }

    protected override void StepCore(Tensor<float> x, Tensor<float> gradient, Tensor<float> origin, PerturbationNorm norm, Tensor<float> steps, Tensor<float> radii, float low, float high, int count) =>
        Rows(
            count,
            new StepRow(
                new MoveRow(SimdDevice.Pointer(x), SimdDevice.Pointer(gradient), norm, SimdDevice.Pointer(steps)),
                new ProjectRow(SimdDevice.Pointer(x), SimdDevice.Pointer(origin), norm, SimdDevice.Pointer(radii), low, high)));

    protected override void MoveCore(Tensor<float> x, Tensor<float> gradient, PerturbationNorm norm, Tensor<float> steps, int count) =>
        Rows(count, new MoveRow(SimdDevice.Pointer(x), SimdDevice.Pointer(gradient), norm, SimdDevice.Pointer(steps)));

    protected override void ProjectCore(Tensor<float> x, Tensor<float> origin, PerturbationNorm norm, Tensor<float> radii, float low, float high, int count) =>
        Rows(count, new ProjectRow(SimdDevice.Pointer(x), SimdDevice.Pointer(origin), norm, SimdDevice.Pointer(radii), low, high));

    protected override void ClipCore(Tensor<float> x, float low, float high, int count) =>
        ElementwiseLoop.Run(device, count * Length, new PerturbationBodies.Clip(SimdDevice.Pointer(x), low, high));

    protected override void NormsCore(Tensor<float> x, Tensor<float>? y, PerturbationNorm norm, Tensor<float> norms, int count) =>
        Rows(count, new NormRow(SimdDevice.Pointer(x), y is null ? null : SimdDevice.Pointer(y), norm, SimdDevice.Pointer(norms)));

    protected override void DotsCore(Tensor<float> x, Tensor<float> y, Tensor<float> dots, int count) =>
        Rows(count, new DotRow(SimdDevice.Pointer(x), SimdDevice.Pointer(y), SimdDevice.Pointer(dots)));

    protected override void CombineCore(Tensor<float> a, Tensor<float> x, Tensor<float> b, Tensor<float> y, Tensor<float> z, int count) =>
        Rows(count, new CombineRow(SimdDevice.Pointer(a), SimdDevice.Pointer(x), SimdDevice.Pointer(b), SimdDevice.Pointer(y), SimdDevice.Pointer(z)));

    private void Rows<TBody>(int count, TBody body)
        where TBody : struct, IRowBody
    {
        int perChunk = RowChunks.RowsPerChunk(Length);
        device.For(RowChunks.Count(count, perChunk), new Chunk<TBody>(body, Length, count, perChunk, device.VectorBits));
    }

    private readonly struct Chunk<TBody>(TBody body, int length, int count, int perChunk, int vectorBits) : IChunkBody
        where TBody : struct, IRowBody
    {
        public void Run(int chunk)
        {
            int end = Math.Min((chunk + 1) * perChunk, count);
            for (int row = chunk * perChunk; row < end; row++)
            {
                body.Run(row, (nint)row * length, length, vectorBits);
            }
        }
    }

    private readonly struct StepRow(MoveRow move, ProjectRow project) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits)
        {
            move.Run(row, offset, length, vectorBits);
            project.Run(row, offset, length, vectorBits);
        }
    }

    private readonly struct MoveRow(float* x, float* gradient, PerturbationNorm norm, float* steps) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits)
        {
            if (norm == PerturbationNorm.Linf)
            {
                ElementwiseLoop.Range(vectorBits, new PerturbationBodies.MoveBySign(x + offset, gradient + offset, steps[row]), 0, length);
                return;
            }

            (float lift, float factor) = PerturbationOperator.StepFactors(steps[row], RowNorms.L2(gradient + offset, null, length));
            ElementwiseLoop.Range(vectorBits, new PerturbationBodies.MoveByGradient(x + offset, gradient + offset, lift, factor), 0, length);
        }
    }

    private readonly struct ProjectRow(float* x, float* origin, PerturbationNorm norm, float* radii, float low, float high) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits)
        {
            float radius = radii[row];
            if (norm == PerturbationNorm.Linf)
            {
                ElementwiseLoop.Range(vectorBits, new PerturbationBodies.ProjectOnBox(x + offset, origin + offset, radius, low, high), 0, length);
                return;
            }

            double distance = RowNorms.L2(x + offset, origin + offset, length);
            if (distance > radius)
            {
                float shrink = (float)(radius / distance);
                ElementwiseLoop.Range(vectorBits, new PerturbationBodies.Shrink(x + offset, origin + offset, shrink, low, high), 0, length);
            }
            else
            {
                ElementwiseLoop.Range(vectorBits, new PerturbationBodies.Clip(x + offset, low, high), 0, length);
            }
        }
    }

    private readonly struct NormRow(float* x, float* y, PerturbationNorm norm, float* norms) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits)
        {
            float* other = y is null ? null : y + offset;
            norms[row] = norm switch
            {
                PerturbationNorm.Linf => RowNorms.Linf(x + offset, other, length),
                PerturbationNorm.L2 => (float)RowNorms.L2(x + offset, other, length),
                _ => (float)RowNorms.L1(x + offset, other, length),
            };
        }
    }

    private readonly struct DotRow(float* x, float* y, float* dots) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits) => dots[row] = (float)RowNorms.Dot(x + offset, y + offset, length);
    }

    private readonly struct CombineRow(float* a, float* x, float* b, float* y, float* z) : IRowBody
    {
        public void Run(int row, nint offset, int length, int vectorBits) =>
            ElementwiseLoop.Range(vectorBits, new PerturbationBodies.Combine(a[row], x + offset, b[row], y + offset, z + offset), 0, length);
    }
}
