using Differential.Core.Data;
using Differential.Core.Images;
using Differential.Core.Tests.Images;

namespace Differential.Core.Tests.Data;

/// <summary>Damaged and hostile input of every kind that is read: each gives samples or one message, and takes bounded memory.</summary>
public class ReaderFuzzTests
{
    private const long MostGrowth = 1L << 30;

    private static readonly string[] ImageFiles =
    [
        "rgb.png", "rgb16.png", "interlaced.png", "palette.png", "greyAlpha.png", "orientation6.png", "baseline.jpg", "progressive.jpg", "orientation6.jpg", "rgb.bmp", "grey.bmp", "palette.gif", "animated.gif",
    ];

    [Fact]
    public void Load_ThousandDamagedInputs_GiveSamplesOrOneMessage() => Fuzz(1_000, 1);

    /// <summary>All readers, 100,000 inputs; some minutes.</summary>
    [Fact]
    [Trait("Category", "Long")]
    public void Load_HundredThousandDamagedInputs_GiveSamplesOrOneMessage() => Fuzz(100_000, 2);

    private static void Fuzz(int count, long seed)
    {
        using TemporaryFolder folder = new();
        List<(byte[] Bytes, Action<byte[]> Read)> readers = Readers(folder);
        long start = Environment.WorkingSet;
        int accepted = 0;
        int refused = 0;
        for (int i = 0; i < count; i++)
        {
            var random = new RandomStream(seed, "fuzz", i);
            (byte[] bytes, Action<byte[]> read) = readers[random.NextInt32(readers.Count)];
            byte[] damaged = Damage(bytes, random);
            try
            {
                read(damaged);
                accepted++;
            }
            catch (InputException mistake)
            {
                Assert.NotEmpty(mistake.Found);
                Assert.NotEmpty(mistake.Allowed);
                refused++;
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"input {i} of seed {seed}", exception);
            }

            if (i % 64 == 0)
            {
                Assert.InRange(Environment.WorkingSet - start, long.MinValue, MostGrowth);
            }
        }

        // Neither all damage is seen before anything is read, nor is most of it harmless.
        Assert.InRange(accepted, count / 100, count / 2);
        Assert.Equal(count, accepted + refused);
    }

    private static List<(byte[] Bytes, Action<byte[]> Read)> Readers(TemporaryFolder folder)
    {
        List<(byte[], Action<byte[]>)> readers = [];
        foreach (string name in ImageFiles)
        {
            readers.Add((File.ReadAllBytes(SmallImage.File(name)), bytes => SmallImage.Decode(bytes)));
        }

        byte[] png = SmallImage.Png(3, 2, 3, new byte[18]);
        Add("png/a/1.png", png, new ImagesOptions { Path = "png", Positive = "a", Negative = "b", TestShare = 0 }, ("png/b/1.png", png));
        Add("points/p.csv", "label,x,y\n1,0.5,2\n0,1,3e5\n1,\"2\",4\n"u8.ToArray(), new PointsOptions { Path = "points/p.csv" });
        byte[] labels = ArrayFile.Idx([4], [0, 1, 0, 1]);
        byte[] images = ArrayFile.Idx([4, 2, 3], new byte[24]);
        Add("idx/train-images-idx3-ubyte", images, Idx("idx"), ("idx/train-labels-idx1-ubyte", labels));
        Add("packed/train-images-idx3-ubyte.gz", ArrayFile.Gzip(images), Idx("packed"), ("packed/train-labels-idx1-ubyte", labels));
        Add("labels/train-labels-idx1-ubyte", labels, Idx("labels"), ("labels/train-images-idx3-ubyte", images));
        byte[] y = ArrayFile.Npy("<i8", [4], [0, 1, 0, 1]);
        Add("npy/x.npy", ArrayFile.Npy("<f4", [4, 2, 2], new double[16]), new NumpyOptions { Path = "npy", Positive = "1", Negative = "0" }, ("npy/y.npy", y));
        Add("fortran/x.npy", ArrayFile.Npy(">f8", [4, 6], new double[24], fortran: true), new NumpyOptions { Path = "fortran", Positive = "1", Negative = "0", Layout = ArrayLayout.Nd }, ("fortran/y.npy", y));
        Add("npz/d.npz", ArrayFile.Npz(true, ("x", ArrayFile.Npy("|u1", [4, 3, 3], new double[36])), ("y", y)), new NumpyOptions { Path = "npz/d.npz", Positive = "1", Negative = "0" });
        Add("cifar/data_batch_1.bin", [0, .. new byte[3072], 7, .. new byte[3072]], new Cifar10Options { Path = "cifar", Positive = "0", Negative = "7" }, ("cifar/test_batch.bin", [0, .. new byte[3072], 7, .. new byte[3072]]));
        Add("table/d.parquet", ParquetFile.Numbers(([1, 2], "1", 10, 0.5), ([3, 4], "0", 20, 0.25)), new ParquetOptions { Path = "table/d.parquet", Positive = "1", Negative = "0", TestShare = 0 });
        Add("pictures/d.parquet", ParquetFile.Images("{}", (png, 1), (png, 0)), new ParquetOptions { Path = "pictures/d.parquet", Positive = "1", Negative = "0", TestShare = 0 });
        return readers;

        static IdxOptions Idx(string path) => new() { Path = path, Positive = "1", Negative = "0", TestShare = 0 };

        void Add(string name, byte[] bytes, DataOptions options, params (string Name, byte[] Bytes)[] others)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.At(name))!);
            foreach ((string other, byte[] content) in others)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(folder.At(other))!);
                folder.Write(other, content);
            }

            readers.Add((bytes, damaged =>
            {
                folder.Write(name, damaged);
                options.Load(folder.Root, 1);
            }));
        }
    }

    /// <summary>One change or several: bits, extreme numbers, a part cut off, doubled or overwritten; PNG's checksums are often made right again.</summary>
    private static byte[] Damage(byte[] good, RandomStream random)
    {
        byte[] bytes = [.. good];
        for (int change = random.NextInt32(4); change >= 0 && bytes.Length > 0; change--)
        {
            int at = random.NextInt32(bytes.Length);
            int length = 1 + random.NextInt32(Math.Min(16, bytes.Length - at));
            switch (random.NextInt32(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.NextInt32(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.NextInt32(256);
                    break;
                case 2:
                    bytes.AsSpan(at, Math.Min(4, bytes.Length - at)).Fill((byte)(random.NextInt32(2) == 0 ? 0xFF : 0x7F));
                    break;
                case 3:
                    bytes.AsSpan(at, Math.Min(4, bytes.Length - at)).Clear();
                    break;
                case 4:
                    bytes = [.. bytes[..at], .. bytes[(at + length)..]];
                    break;
                case 5:
                    bytes = [.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]];
                    break;
                default:
                    bytes = random.NextInt32(4) == 0 ? bytes[..at] : bytes;
                    break;
            }
        }

        return bytes.AsSpan().StartsWith(PngStructure.Signature) && random.NextInt32(4) > 0 ? SmallImage.WithChecksums(bytes) : bytes;
    }
}
