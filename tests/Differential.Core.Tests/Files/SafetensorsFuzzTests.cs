using System.Text;
using Differential.Core.Files;
using Differential.Core.Networks;
using Differential.Core.Tests.Networks;

namespace Differential.Core.Tests.Files;

public class SafetensorsFuzzTests
{
    private const int Inputs = 20_000;

    private static readonly string[] Snippets =
    [
        "{", "}", "[", "]", "\"", ",", ":", "-", "null", "true", "1e400", "9223372036854775807", "99999999999999999999", "\\ud800",
        "__metadata__", "\"shape\":[", "\"dtype\":\"F32\"", "\"I64\"", "data_offsets", "layers.0.weight", "\0", "\u00ff",
    ];

    /// <summary>Mutations of a valid model: whatever comes, the answer is a model or one clear error, never another exception.</summary>
    [Fact]
    public void Load_MutatedModels_ThrowNothingButInputExceptions() => Fuzz(Inputs);

    [Fact]
    [Trait("Category", "Long")]
    public void Load_HundredThousandMutatedModels_ThrowNothingButInputExceptions() => Fuzz(5 * Inputs);

    private static void Fuzz(int inputs)
    {
        SavedModel model = SampleModels.Convolutional();
        using TemporaryFolder folder = new();
        ModelFile.Save(folder.At("m"), model);
        byte[] valid = File.ReadAllBytes(folder.At("m"));
        int header = 8 + (int)BitConverter.ToInt64(valid);
        RandomStream random = new(1, "fuzz");
        int refused = 0;
        int accepted = 0;
        for (int i = 0; i < inputs; i++)
        {
            byte[] bytes = Mutate(valid, header, random);
            try
            {
                SafetensorsContent content = SafetensorsFile.Read(new MemoryStream(bytes), "fuzz");
                _ = new ModelReader("fuzz", content).Read();
                accepted++;
            }
            catch (InputException)
            {
                refused++;
            }
        }

        Assert.Equal(inputs, refused + accepted);
        Assert.InRange(accepted, 1, inputs / 2);
    }

    private static byte[] Mutate(byte[] valid, int header, RandomStream random)
    {
        List<byte> bytes = [.. valid];
        int rounds = 1 + random.NextInt32(3);
        bool isLengthKept = random.NextInt32(4) > 0;
        int headerNow = header;
        for (int round = 0; round < rounds; round++)
        {
            // Most of the damage goes into the header: data is only numbers.
            int at = random.NextInt32(4) == 0 ? random.NextInt32(bytes.Count) : 8 + random.NextInt32(Math.Max(1, Math.Min(headerNow, bytes.Count) - 8));
            at = Math.Min(at, Math.Max(0, bytes.Count - 1));
            int before = bytes.Count;
            switch (bytes.Count == 0 ? 4 : random.NextInt32(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.NextInt32(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.NextInt32(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, 1 + random.NextInt32(20)));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Snippets[random.NextInt32(Snippets.Length)]));
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, 1 + random.NextInt32(100))));
                    break;
                default:
                    if (char.IsAsciiDigit((char)bytes[at]))
                    {
                        bytes[at] = (byte)('0' + random.NextInt32(10));
                    }
                    else
                    {
                        bytes[random.NextInt32(Math.Min(8, bytes.Count))] = (byte)random.NextInt32(256);
                    }

                    break;
            }

            headerNow += at < headerNow ? bytes.Count - before : 0;
        }

        // A correct header length lets the damage through to the JSON.
        if (isLengthKept && bytes.Count >= 8)
        {
            byte[] length = BitConverter.GetBytes((long)Math.Clamp(headerNow - 8, 0, bytes.Count - 8));
            for (int i = 0; i < length.Length; i++)
            {
                bytes[i] = length[i];
            }
        }

        return [.. bytes];
    }
}
