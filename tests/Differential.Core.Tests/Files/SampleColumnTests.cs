using System.Globalization;
using CsCheck;
using Differential.Core.Files;

namespace Differential.Core.Tests.Files;

public class SampleColumnTests
{
    // Read as float64 or as float32, the text is no more than the certificate, and less by two roundings of float32 at most.
    [Fact]
    public void OfCertificates_AnyDistance_IsRoundedDown() => Gen.Select(Gen.Double[1, 10], Gen.Int[-30, 30]).Sample(
        (digits, exponent) =>
        {
            double certified = digits * Math.Pow(10, exponent);
            string text = SampleColumn.OfCertificates("certified.l2", [certified]).Field(0);

            Assert.InRange(double.Parse(text, CultureInfo.InvariantCulture), certified * (1 - 2.4e-7), certified);
            Assert.InRange(float.Parse(text, CultureInfo.InvariantCulture), certified * (1 - 2.4e-7), certified);
        },
        iter: 10_000);

    [Fact]
    public void OfCertificates_NoNumber_SaysWhich() =>
        Assert.Equal(["", "none", "inf", "0"], Enumerable.Range(0, 4).Select(SampleColumn.OfCertificates("certified.l2", [null, double.NaN, double.PositiveInfinity, 0]).Field));
}
