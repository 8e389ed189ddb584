using Differential.Core.Importing;
using Differential.Core.Onnx;

namespace Differential.Core.Tests.Importing;

/// <summary>Mutations of valid models: whatever comes, the answer is a network, one clear error or an operator that is none of this program's layers.</summary>
public class OnnxFuzzTests
{
    private const int Inputs = 20_000;

    [Fact]
    public void Read_MutatedModels_ThrowNothingElse() => Fuzz(Inputs);

    [Fact]
    [Trait("Category", "Long")]
    public void Read_HundredThousandMutatedModels_ThrowNothingElse() => Fuzz(5 * Inputs);

    private static void Fuzz(int inputs)
    {
        byte[][] valid = [.. SmallModel.Names.Select(static name => File.ReadAllBytes(SmallModel.Read(name).File))];
        var random = new RandomStream(1, "onnx fuzz");
        int refused = 0;
        int accepted = 0;
        long most = 0;
        for (int i = 0; i < inputs; i++)
        {
            byte[] bytes = Mutate(valid[random.NextInt32(valid.Length)], random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                OnnxModel model = OnnxFile.Parse(bytes, "fuzz", new OnnxExternalData("fuzz"));
                OnnxImport.Read(model, "fuzz", new ImportOptions());
                accepted++;
            }
            catch (Exception exception) when (exception is InputException or UnsupportedOperatorException)
            {
                refused++;
            }

            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(inputs, refused + accepted);
        Assert.InRange(accepted, 1, inputs - 1);
        Assert.InRange(most, 1, 2L << 30);
    }

    private static byte[] Mutate(byte[] valid, RandomStream random)
    {
        List<byte> bytes = [.. valid];
        for (int round = 1 + random.NextInt32(4); round > 0 && bytes.Count > 0; round--)
        {
            int at = random.NextInt32(bytes.Count);
            switch (random.NextInt32(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.NextInt32(8));
                    break;
                case 1 or 2:
                    // Small numbers: extents, strides, axes, lengths.
                    bytes[at] = (byte)random.NextInt32(random.NextInt32(2) == 0 ? 12 : 256);
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, 1 + random.NextInt32(20)));
                    break;
                case 4:
                    bytes.RemoveRange(at, random.NextInt32(4) == 0 ? bytes.Count - at : 0);
                    break;
                case 5:
                    bytes.InsertRange(at, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, (byte)random.NextInt32(128)]);
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, 1 + random.NextInt32(100))));
                    break;
            }
        }

        return [.. bytes];
    }
}
