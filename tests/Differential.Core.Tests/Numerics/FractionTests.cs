
using Differential.Core.Numerics;

namespace Differential.Core.Tests.Numerics;

public sealed class FractionTests
{
    [Theory]
    [InlineData("8/255", "8/255")]
    [InlineData("0.031372549", "8/255")]
    [InlineData("1/255", "1/255")]
    [InlineData("51/255", "0.2")]
    [InlineData("0.5", "0.5")]
    [InlineData("1", "1")]
    [InlineData("0", "0")]
    [InlineData("0.0314", "0.0314")]
    [InlineData("1/3", "85/255")]
    [InlineData("0.00001234", "1.234E-05")]
    public void ToText_Number_IsShort(string written, string text) => Assert.Equal(text, Fraction.Parse(written)!.Value.ToText());

    [Theory]
    [InlineData("8/0")]
    [InlineData("-1/-2")]
    [InlineData("1/-2")]
    [InlineData("1/2/3")]
    [InlineData("a")]
    [InlineData("")]
    public void Parse_NoFraction_GivesNull(string written) => Assert.Null(Fraction.Parse(written));
}
