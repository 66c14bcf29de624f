using System.Net;
using Ncr.Core.Hosting;
using Ncr.Core.Outgoing;

namespace Ncr.Tests.Outgoing;

public sealed class OutgoingPolicyTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("febf::1")]
    [InlineData("ff02::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2002:a9fe:a9fe::")]
    [InlineData("2001:0:1::1")]
    public void Address_ThatIsSpecial_IsRefusedInEachOfItsForms(string address) =>
        Assert.Contains("Ncr:Outgoing:Allow", Refuse(new OutgoingOptions(), "host.example.com", address), StringComparison.Ordinal);

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("192.0.2.1")]
    [InlineData("fd12::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:c000:201::1")]
    [InlineData("64:ff9b::c000:201")]
    public void Address_OfANetwork_IsCalled(string address) => Policy(new OutgoingOptions()).CheckAddress("host.example.com", IPAddress.Parse(address));

    [Theory]
    [InlineData("10.0.0.0/8", "host.example.com", "10.1.2.3")]
    [InlineData("10.0.0.0/8", "host.example.com", "::ffff:10.1.2.3")]
    [InlineData("10.0.0.0/8", "host.example.com", "64:ff9b::a01:203")]
    [InlineData("10.0.0.0/8", "host.example.com", "2002:a01:203::")]
    [InlineData("*.example.com", "host.example.com", "192.0.2.1")]
    [InlineData("HOST.example.com", "host.example.com", "192.0.2.1")]
    [InlineData("host.example.com", "host.example.com.", "192.0.2.1")]
    public void Address_ThatIsDenied_IsRefusedAlsoWhenItIsAllowed(string deny, string host, string address) =>
        Assert.Contains("Ncr:Outgoing:Deny", Refuse(new OutgoingOptions { Deny = deny, Allow = "0.0.0.0/0, ::/0, *.example.com" }, host, address), StringComparison.Ordinal);

    [Theory]
    [InlineData("*.example.com", "example.com")]
    [InlineData("*.example.com", "badexample.com")]
    [InlineData("example.com", "www.example.com")]
    public void Name_ThatIsNotMeant_IsNotDenied(string deny, string host) => Policy(new OutgoingOptions { Deny = deny }).CheckAddress(host, IPAddress.Parse("192.0.2.1"));

    [Fact]
    public void HostOfTheAuthority_IsTrusted_AndNoOther()
    {
        var options = new NcrOptions { Oidc = new OidcOptions { Authority = "https://login.example.com/realms/main" } };
        var policy = new OutgoingPolicy(options);
        policy.CheckAddress("login.example.com", IPAddress.Loopback);
        Assert.Throws<OutgoingException>(() => policy.CheckAddress("example.com", IPAddress.Loopback));
    }

    [Theory]
    [InlineData("http://")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0")]
    [InlineData("host name")]
    [InlineData("*")]
    [InlineData("a.*.example.com")]
    [InlineData("host.example.com:443")]
    public void List_ThatIsNotWellWritten_IsExplained(string text)
    {
        Assert.False(HostList.TryParse($"10.0.0.0/8, {text}", out _, out var fault));
        Assert.Contains($"'{text}'", fault, StringComparison.Ordinal);
    }

    private static OutgoingPolicy Policy(OutgoingOptions options) => new(new NcrOptions { Outgoing = options });

    private static string Refuse(OutgoingOptions options, string host, string address)
    {
        var refusal = Assert.Throws<OutgoingException>(() => Policy(options).CheckAddress(host, IPAddress.Parse(address)));
        Assert.Equal(OutgoingFault.Refused, refusal.Fault);
        return refusal.Message;
    }
}
