using Ncr.Tests.Support;
using Ncr.Web.Components;
using Ncr.Web.Components.Pages.Registries;

namespace Ncr.Tests.Web;

public sealed class GettingStartedTests
{
    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    [InlineData("helm")]
    [InlineData("oras")]
    public void Steps_OfAClient_LogInPushAndPullByTheRealNames(string client)
    {
        var commands = GettingStartedSteps.For(client, Server("https://registry.example.com"), "shop", "mykey").SelectMany(s => s.Commands).ToList();

        Assert.Contains(commands, c => c.Contains("login", StringComparison.Ordinal) && c.EndsWith("-u mykey registry.example.com", StringComparison.Ordinal));
        Assert.Contains(commands, c => c.Contains(" push ", StringComparison.Ordinal) && c.Contains("registry.example.com/shop", StringComparison.Ordinal));
        Assert.Contains(commands, c => c.Contains(" pull ", StringComparison.Ordinal) && c.Contains("registry.example.com/shop/my-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("podman", "--tls-verify=false")]
    [InlineData("helm", "--plain-http")]
    [InlineData("oras", "--plain-http")]
    public void Steps_OverPlainHttp_TellTheClient(string client, string option) =>
        Assert.Contains(option, GettingStartedSteps.For(client, Server("http://nas.lan:5080"), "shop", null)[0].Commands[0], StringComparison.Ordinal);

    [Fact]
    public void Steps_OfHelmOnTheSameMachine_LogInAsOlderHelmsCan() =>
        Assert.DoesNotContain("--plain-http", GettingStartedSteps.For("helm", Server("http://localhost:5080"), "shop", null)[0].Commands[0], StringComparison.Ordinal);

    [Fact]
    public void Steps_OfDockerOverPlainHttpFromAfar_SayWhatItsDaemonNeeds()
    {
        Assert.Contains("insecure-registries", GettingStartedSteps.For("docker", Server("http://nas.lan:5080"), "shop", null)[0].Note, StringComparison.Ordinal);
        Assert.Null(GettingStartedSteps.For("docker", Server("http://localhost:5080"), "shop", null)[0].Note);
    }

    private static ServerAddress Server(string address) => Addresses.Of(address);
}
