using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;
using ILGPU.Runtime.Cuda;

namespace Differential.Kernels.Gpu;

/// <summary>
/// The tensor cores' instruction D = A·B + C (PTX ISA, <c>mma.sync.aligned</c>, m16n8k8 for tf32 and m16n8k16 for f16, A in
/// rows, B in columns, C and D in float32), 16 at a time: a warp's 64 × 32 sums. A fragment's register is a word of one tf32
/// number or of two neighbouring halves, so that both are products of 16 × 8 by 8 × 8 words: with g = lane / 4 and
/// t = lane % 4, A is (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4), B is (t, g), (t + 4, g), and C is (g, 2t), (g, 2t + 1),
/// (g + 8, 2t), (g + 8, 2t + 1). CUDA gets the instructions with all operands in registers; the methods' own bodies run on
/// ILGPU's CPU accelerator alone, with the same fragments (<see cref="SimulatedWarp"/>).
/// </summary>
internal static class MatrixInstruction
{
    /// <summary>Products of tf32 numbers, 8 steps of k.</summary>
    [IntrinsicImplementation]
    public static MatrixSums MultiplyTf32(MatrixRows a, MatrixColumns b, MatrixSums c) => SimulatedWarp.Multiply(a, b, c, halves: false);

    /// <summary>Products of halves, 16 steps of k; twice 8 before compute capability 8.0.</summary>
    [IntrinsicImplementation]
    public static MatrixSums MultiplyFp16(MatrixRows a, MatrixColumns b, MatrixSums c) => SimulatedWarp.Multiply(a, b, c, halves: true);

    /// <summary>Two floats rounded to halves, to the nearest and in a tie to the even one: the first in the lower bits.</summary>
    [IntrinsicImplementation]
    public static int PackHalves(float low, float high) =>
        BitConverter.HalfToUInt16Bits((System.Half)low) | (BitConverter.HalfToUInt16Bits((System.Half)high) << 16);

    /// <summary>A float rounded to tf32, to the nearest and in a tie away from zero, as cvt.rna.tf32 does.</summary>
    public static int RoundTf32(float value)
    {
        int bits = ((int)Interop.FloatAsInt(value) + 0x1000) & ~0x1FFF;
        return float.IsNaN(value) ? 0x7FFFE000 : bits;
    }

    /// <summary>Tells the CUDA back end what to make of the instructions.</summary>
    internal static void Register(IntrinsicImplementationManager manager)
    {
        Add(nameof(MultiplyTf32), nameof(GenerateTf32), CudaArchitecture.SM_80);
        Add(nameof(MultiplyFp16), nameof(GenerateFp16), CudaArchitecture.SM_75);
        Add(nameof(PackHalves), nameof(GeneratePack), CudaArchitecture.SM_75);

        void Add(string method, string generator, CudaArchitecture oldest) => manager.RegisterMethod(
            typeof(MatrixInstruction).GetMethod(method)!,
            new PTXIntrinsic(typeof(MatrixInstruction), generator, IntrinsicImplementationMode.GenerateCode, oldest));
    }

    internal static void GenerateTf32(PTXBackend _, PTXCodeGenerator generator, Value value) =>
        Generate(generator, (MethodCall)value, "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32", parts: 1);

    internal static void GenerateFp16(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        bool whole = backend.Architecture >= CudaArchitecture.SM_80;
        Generate(generator, (MethodCall)value, $"mma.sync.aligned.m16n8k{(whole ? 16 : 8)}.row.col.f32.f16.f16.f32", parts: whole ? 1 : 2);
    }

    internal static void GeneratePack(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var call = (MethodCall)value;
        string low = Name(generator, generator.LoadPrimitive(call[0]));
        string high = Name(generator, generator.LoadPrimitive(call[1]));
        string result = Name(generator, generator.AllocateHardware(call));
        string[] lines = backend.Architecture >= CudaArchitecture.SM_80
            ? [$"cvt.rn.f16x2.f32 {result}, {high}, {low};"]
            : ["{", ".reg .b16 low, high;", $"cvt.rn.f16.f32 low, {low};", $"cvt.rn.f16.f32 high, {high};", $"mov.b32 {result}, {{low, high}};", "}"];
        foreach (string line in lines)
        {
            generator.Builder.Append('\t').AppendLine(line);
        }
    }

    /// <summary>Writes the 16 instructions, each in one or two parts along k.</summary>
    private static void Generate(PTXCodeGenerator generator, MethodCall call, string instruction, int parts)
    {
        string[][] a = [.. Registers(generator, generator.Load(call[0])).Chunk(4)];
        string[][] b = [.. Registers(generator, generator.Load(call[1])).Chunk(2)];
        string[][] c = [.. Registers(generator, generator.Load(call[2])).Chunk(4)];
        string[][] d = [.. Registers(generator, generator.Allocate(call)).Chunk(4)];
        for (int i = 0; i < d.Length; i++)
        {
            for (int part = 0; part < parts; part++)
            {
                string left = List(a[i / b.Length].Skip(part * 4 / parts).Take(4 / parts));
                string right = List(b[i % b.Length].Skip(part * 2 / parts).Take(2 / parts));
                generator.Builder.AppendLine($"\t{instruction} {List(d[i])}, {left}, {right}, {List(part == 0 ? c[i] : d[i])};");
            }
        }
    }

    private static string List(IEnumerable<string> registers) => $"{{{string.Join(", ", registers)}}}";

    private static string[] Registers(PTXCodeGenerator generator, PTXCodeGenerator.Register register) =>
        register is PTXCodeGenerator.CompoundRegister compound
            ? [.. compound.Children.SelectMany(child => Registers(generator, child))]
            : [Name(generator, (PTXCodeGenerator.PrimitiveRegister)register)];

    private static string Name(PTXCodeGenerator generator, PTXCodeGenerator.PrimitiveRegister register) =>
        "%" + PTXRegisterAllocator.GetStringRepresentation(generator.EnsureHardwareRegister(register));
}
