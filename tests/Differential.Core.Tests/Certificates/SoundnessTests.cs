using Differential.Core.Decisions;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Certificates;

/// <summary>No certificate exceeds the distance to a flip: of the real-valued network in exact arithmetic, and of the float32 one in the orders of its sums that the certificate speaks of: those of the SIMD device, or any.</summary>
public sealed class SoundnessTests
{
    private const int LongPart = 10_000;

    [Fact]
    public void Certificates_OfRandomNetworksOfManyScales_StayBelowEachFlip() => Check(0, 500);

    /// <summary>A hundred thousand networks, in ten parts.</summary>
    [Theory]
    [Trait("Category", "Long")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void Certificates_OfAHundredThousandNetworks_StayBelowEachFlip(int part) => Check(500 + (part * LongPart), 500 + ((part + 1) * LongPart));

    [Fact]
    public void Certificates_OfNetworksWithBranches_StayBelowEachFlip() => Check(0, 200, branched: true);

    private static void Check(int first, int end, bool branched = false)
    {
        int threads = Environment.ProcessorCount;
        (int all, int flips, int close, int near, string?[] faults) = (0, 0, 0, 0, new string?[end]);
        Parallel.For(0, threads, thread =>
        {
            using var device = new SimdDevice(threads: 1);
            for (int number = first + thread; number < end; number += threads)
            {
                using CertificateCase test = CertificateCase.Create(device, number, branched);
                var search = new FlipSearch(test, number);
                Arithmetic arithmetic = number % 3 == 0 ? Arithmetic.AnyOrder : Arithmetic.Rounded;
                foreach ((string method, AttackNorm norm, double radius) in test.Certificates(arithmetic))
                {
                    (double found, string? fault) = search.Look(norm, radius, arithmetic);
                    faults[number] ??= fault is null ? null : $"case {number}, {test.Describe()}, {arithmetic}, {method}, {norm}: {fault}";
                    Interlocked.Increment(ref all);
                    Interlocked.Add(ref flips, double.IsFinite(found) ? 1 : 0);
                    Interlocked.Add(ref close, radius > 0.5 * found ? 1 : 0);
                    Interlocked.Add(ref near, radius > 0.999 * found ? 1 : 0);
                }
            }
        });
        string[] wrong = [.. faults.OfType<string>()];
        Assert.True(wrong.Length == 0, $"{wrong.Length} of {end - first}: {string.Join("; ", wrong.Take(12))}");

        // Flips are found and certificates are close to them, or the above says little. Branches have fewer that are nearly exact: none of them is linear all the way.
        double exact = branched ? 0.05 : 0.1;
        Assert.True(flips > 0.7 * all && close > 0.3 * all && near > exact * all, $"of {all} certificates {flips} have a flip, {close} are above half of it, {near} above 99.9 %");
    }
}
