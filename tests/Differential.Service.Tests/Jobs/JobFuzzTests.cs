using System.Text;
using Differential.Core;
using Differential.Core.Data;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Tests.Jobs;

public class JobFuzzTests
{
    private const int Inputs = 20_000;

    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", ",", ":", "null", "true", "-1", "0", "1e999", "-0", "1e-999", "99999999999999999999", "\"\"", "\"kind\"", "\"train\"", "\"\\ud800\"",
        "\"\\u0000\"", "\"8/255\"", "\"1/0\"", "\"NaN\"", "NaN", "/*", "//", "{\"kind\":\"cnn\"}", "[[[[", "\"$type\":1,", "\"$ref\":\"x\",", "\"$id\":\"1\",", "\uFEFF",
    ];

    [Fact]
    public void Parse_MutatedJobs_ThrowsInputExceptionsOnly() => Fuzz(Inputs);

    [Fact]
    [Trait("Category", "Long")]
    public void Parse_HundredThousandMutatedJobs_ThrowsInputExceptionsOnly() => Fuzz(5 * Inputs);

    private static void Fuzz(int inputs)
    {
        string[] seeds = [.. Repository.ExampleJobs.Select(File.ReadAllText)];
        var paths = new PathPolicy(Path.GetTempPath());
        var random = new Random(20190129);
        int refused = 0;
        for (int i = 0; i < inputs; i++)
        {
            byte[] content = Mutate(seeds[random.Next(seeds.Length)], random);
            try
            {
                JobReader.Parse(content, "job.json", paths);
            }
            catch (InputException exception)
            {
                Assert.StartsWith("job.json: ", exception.Message, StringComparison.Ordinal);
                refused++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"input {i}: {exception.GetType().Name} {exception.Message}\n{Encoding.UTF8.GetString(content)}");
            }
        }

        Assert.InRange(refused, inputs / 2, inputs - 1);
    }

    private static byte[] Mutate(string seed, Random random)
    {
        var text = new StringBuilder(seed);
        int changes = random.Next(0, 4);
        for (int c = 0; c < changes; c++)
        {
            int at = random.Next(text.Length);
            int length = Math.Min(random.Next(1, 12), text.Length - at);
            switch (random.Next(5))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(at, Tokens[random.Next(Tokens.Length)]);
                    break;
                case 2:
                    text.Remove(at, length).Insert(at, Tokens[random.Next(Tokens.Length)]);
                    break;
                case 3:
                    text.Insert(random.Next(text.Length), text.ToString(at, length));
                    break;
                default:
                    text[at] = (char)random.Next(1, 0xFFFF);
                    break;
            }
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (random.Next(4) == 0)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
