using System.Text.Json;
using CsCheck;
using Differential.Core.Numerics;
using MathNet.Numerics.Distributions;

namespace Differential.Core.Tests.Numerics;

public sealed class IntervalTests
{
    // Brown, Cai and DasGupta (2001) and usual tables.
    [Theory]
    [InlineData(0.0, 10, 0, 0.27753)]
    [InlineData(0.5, 10, 0.23659, 0.76341)]
    [InlineData(0.9, 100, 0.82563, 0.94477)]
    [InlineData(1.0, 20, 0.83887, 1)]
    [InlineData(0.3, 0, 0, 1)]
    public void Wilson_OfAShare_IsTheKnownInterval(double share, double samples, double low, double high)
    {
        var interval = Interval.Wilson(share, samples);
        Assert.Equal(low, interval.Low, 1e-5);
        Assert.Equal(high, interval.High, 1e-5);
    }

    [Fact]
    public void Wilson_OfAnyCount_SolvesItsEquation() =>
        Gen.Select(Gen.Int[1, 5000], Gen.Double[0, 1]).Sample(
            (samples, part) =>
            {
                double share = Math.Round(part * samples) / samples;
                var interval = Interval.Wilson(share, samples);
                Assert.True(interval.Contains(share) && interval.Low >= 0 && interval.High <= 1);

                // Each end inside (0, 1) is where the share lies 1.96 of the end's own standard deviations away.
                foreach (double end in new[] { interval.Low, interval.High }.Where(static end => end is > 0 and < 1))
                {
                    Assert.Equal(1.959963984540054, Math.Abs(share - end) / Math.Sqrt(end * (1 - end) / samples), 1e-6);
                }
            },
            iter: 2000);

    [Fact]
    public void Wilson_OfDrawnSamples_HoldsTheTrueShareAsOftenAsItSays()
    {
        var random = new RandomStream(5, "coverage");
        foreach ((double truth, int samples) in new[] { (0.5, 40), (0.9, 100), (0.97, 200), (0.2, 15) })
        {
            int held = 0;
            const int Draws = 4000;
            for (int draw = 0; draw < Draws; draw++)
            {
                int count = Enumerable.Range(0, samples).Count(_ => random.NextDouble() < truth);
                held += Interval.Wilson((double)count / samples, samples).Contains(truth) ? 1 : 0;
            }

            // Binomial counts are discrete: Wilson's coverage lies within 93 and 98 % for these.
            Assert.InRange((double)held / Draws, 0.93, 0.985);
        }
    }

    [Theory]
    [InlineData(56, 70, 48, 80, 0.0524, 0.3339)]
    [InlineData(9, 10, 3, 10, 0.1705, 0.8090)]
    [InlineData(10, 10, 0, 20, 0.6791, 1)]
    [InlineData(10, 10, 0, 10, 0.6075, 1)]
    public void OfDifference_OfWilsons_IsNewcombesTable(int count, int samples, int otherCount, int otherSamples, double low, double high)
    {
        (double share, double other) = ((double)count / samples, (double)otherCount / otherSamples);
        var interval = Interval.OfDifference(share, Interval.Wilson(share, samples), other, Interval.Wilson(other, otherSamples));
        Assert.Equal(low, interval.Low, 5e-5);
        Assert.Equal(high, interval.High, 5e-5);
        var reversed = Interval.OfDifference(other, Interval.Wilson(other, otherSamples), share, Interval.Wilson(share, samples));
        Assert.Equal(-interval.Low, reversed.High, 1e-12);
        Assert.Equal(-interval.High, reversed.Low, 1e-12);
    }

    [Fact]
    public void OfDifference_OfDrawnSamples_HoldsTheTrueDifferenceAsOftenAsItSays()
    {
        var random = new RandomStream(6, "coverage");
        foreach ((double truth, double other, int samples) in new[] { (0.5, 0.5, 60), (0.8, 0.6, 100), (0.95, 0.9, 200) })
        {
            int held = 0;
            const int Draws = 4000;
            for (int draw = 0; draw < Draws; draw++)
            {
                (double share, double second) = (Share(truth), Share(other));
                held += Interval.OfDifference(share, Interval.Wilson(share, samples), second, Interval.Wilson(second, samples)).Contains(truth - other) ? 1 : 0;
            }

            Assert.InRange((double)held / Draws, 0.935, 0.975);

            double Share(double of) => (double)Enumerable.Range(0, samples).Count(_ => random.NextDouble() < of) / samples;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(30)]
    [InlineData(99)]
    [InlineData(1000)]
    public void StudentQuantile_OfEachFreedom_IsThatOfALibrary(int freedom) =>
        Assert.Equal(StudentT.InvCDF(0, 1, freedom, 0.975), Interval.StudentQuantile(freedom), 1e-6);

    [Fact]
    public void OfMean_OfThreeSeeds_IsStudents()
    {
        Interval interval = Interval.OfMean([0.7, 0.72, 0.74])!.Value;
        double half = 4.302652729696 * 0.02 / Math.Sqrt(3);
        Assert.Equal(0.72 - half, interval.Low, 1e-10);
        Assert.Equal(0.72 + half, interval.High, 1e-10);
        Assert.Null(Interval.OfMean([0.7]));
        Assert.Equal(new Interval(0, 1), new Interval(-0.2, 1.4).OfShares());
    }

    [Fact]
    public void Json_OfAnInterval_IsAPair()
    {
        string json = JsonSerializer.Serialize(new Interval(0.25, 0.5));
        Assert.Equal("[0.25,0.5]", json);
        Assert.Equal(new Interval(0.25, 0.5), JsonSerializer.Deserialize<Interval>(json));
        Assert.Throws<JsonException>(static () => JsonSerializer.Deserialize<Interval>("[1]"));
    }
}
