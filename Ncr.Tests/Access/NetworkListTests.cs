using Ncr.Core.Access;

namespace Ncr.Tests.Access;

public sealed class NetworkListTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("2001:db8::/32", "2001:db8:1::5", true)]
    [InlineData("2001:db8::/32", "2001:db9::5", false)]
    [InlineData("2001:db8::1", "2001:db8::1", true)]
    [InlineData("::ffff:10.0.0.0/104", "10.1.2.3", true)]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", true)]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("10.0.0.0/8, 2001:db8::/32\n192.0.2.7;198.51.100.0/24", "198.51.100.3", true)]
    [InlineData("10.0.0.0/8", null, false)]
    [InlineData("10.0.0.0/8", "unknown", false)]
    public void Contains_ComparesTheAddressAsWhatItIs(string networks, string? address, bool expected)
    {
        var list = NetworkList.Parse(networks);

        Assert.Equal(expected, list.Contains(address));
        Assert.Equal(expected, NetworkList.Parse(list.ToString()).Contains(address));
    }

    [Theory]
    [InlineData("10", "'10' is no network")]
    [InlineData("10.1", "'10.1' is no network")]
    [InlineData("0x7f.0.0.1", "no network")]
    [InlineData("010.0.0.1", "no network")]
    [InlineData("10.0.0.1/8", "the bits after its length have to be zero")]
    [InlineData("10.0.0.0/33", "no network")]
    [InlineData("10.0.0.0/-1", "no network")]
    [InlineData("10.0.0.0/", "no network")]
    [InlineData("10.0.0.0/255.0.0.0", "no network")]
    [InlineData("2001:db8::/129", "no network")]
    [InlineData("fe80::1%eth0", "no network")]
    [InlineData("10.0.0.0/8, office", "'office' is no network")]
    public void TryParse_SaysWhatIsWrong(string networks, string words)
    {
        Assert.False(NetworkList.TryParse(networks, out _, out var fault));
        Assert.Contains(words, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_TakesFiftyAndNoMore()
    {
        var fifty = string.Join(' ', Enumerable.Range(0, NetworkList.MaxNetworks).Select(i => $"192.0.2.{i}"));

        Assert.True(NetworkList.TryParse(fifty, out _, out _));
        Assert.False(NetworkList.TryParse(fifty + " 198.51.100.1", out _, out var fault));
        Assert.Contains("50", fault, StringComparison.Ordinal);
    }
}
