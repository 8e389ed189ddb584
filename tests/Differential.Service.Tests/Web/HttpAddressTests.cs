using Differential.Core;
using Differential.Service.Hosting;
using Differential.Service.Web;

namespace Differential.Service.Tests.Web;

public sealed class HttpAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://localhost:8080")]
    [InlineData("http://[::1]:8080")]
    [InlineData("http://127.3.2.1:0")]
    public void Of_Loopback_IsTaken(string url) => Assert.True(HttpAddress.Of(new HttpOptions { Url = url }).IsLoopback);

    [Theory]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://*:8080")]
    [InlineData("http://+:8080")]
    [InlineData("http://[::]:8080")]
    [InlineData("http://192.168.1.2:8080")]
    [InlineData("http://localhost.example:8080")]
    [InlineData("http://127.0.0.1.example:8080")]
    public void Of_AddressThatOthersReach_NeedsLeave(string url)
    {
        InputException refused = Assert.Throws<InputException>(() => HttpAddress.Of(new HttpOptions { Url = url }));

        Assert.Contains("which other machines can reach", refused.Message, StringComparison.Ordinal);
        Assert.False(HttpAddress.Of(new HttpOptions { Url = url, AllowRemote = true }).IsLoopback);
    }

    [Theory]
    [InlineData("8080")]
    [InlineData("https://127.0.0.1:8443")]
    [InlineData("http://127.0.0.1:8080/page")]
    [InlineData("http://unix:/run/x")]
    [InlineData("ftp://127.0.0.1")]
    public void Of_NoAddressOfThePage_IsRefused(string url) =>
        Assert.Contains("Http:Url", Assert.Throws<InputException>(() => HttpAddress.Of(new HttpOptions { Url = url, AllowRemote = true })).Message, StringComparison.Ordinal);
}
