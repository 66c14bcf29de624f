using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Registries;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>A client on a network outside and one on a network inside, with both addresses of a server.</summary>
[Collection(ClientGroup.Name)]
public sealed class OutsideInsideTests(ClientFixture fixture) : IClassFixture<ClientFixture>
{
    [ToolFact("ip", "skopeo", "crane", "curl")]
    public async Task PublicUriOff_ByBothAddresses_LetsInsideInAndOutsideNot()
    {
        await using var outside = await NetworkNamespace.CreateAsync(18);
        await using var inside = await NetworkNamespace.CreateAsync(19);
        var (port, privatePort) = (Ports.Free(), Ports.Free());
        await using var server = await NcrServer.StartAsync(s =>
        {
            s["urls"] = $"http://[::]:{port}"; // Over IPv4 as well.
            s["Ncr:Private:Networks"] = inside.Networks;
            s["Ncr:Private:Urls"] = $"http://127.0.0.1:{privatePort};http://{inside.Machine}:{privatePort}";
            s["Ncr:Private:Address"] = $"http://{inside.Machine}:{privatePort}";
            s["Ncr:Setup:Registries"] = "shut,open";
        });
        var layout = fixture.NewFolder();
        var digest = Files.WriteLayout(layout, "v1");
        var registries = server.Services.GetRequiredService<RegistryService>();
        var (publicUri, publicUriInside, privateUri) = ($"{outside.Machine}:{port}", $"{inside.Machine}:{port}", $"{inside.Machine}:{privatePort}");

        // While it is on, both get in by the public URI.
        await PushAsync(outside, publicUri, "shut/app");
        await PushAsync(outside, publicUri, "open/app");
        await registries.ChangeAsync(server.Administrator, "shut", new RegistrySettings(IsPublicUriOn: false), default);

        foreach (var host in new[] { publicUri, publicUriInside })
        {
            var refused = await Skopeo(outside, host).FailAsync(Pull(host, "shut/app"));
            Assert.True(refused.All.Contains("public URI of the registry 'shut' is off", StringComparison.Ordinal), refused.ToString());
            Assert.Contains($"{privateUri}/shut", refused.All, StringComparison.Ordinal);
            Assert.Contains("403", (await Skopeo(outside, host).FailAsync(Push(host, "shut/app"))).All, StringComparison.Ordinal); // Its first question is a HEAD, whose answer has no words.
            Assert.Contains(digest, (await Skopeo(outside, host).RunAsync(Pull(host, "open/app"))).Out, StringComparison.Ordinal);
        }

        foreach (var host in new[] { publicUriInside, privateUri })
        {
            Assert.Contains(digest, (await Skopeo(inside, host).RunAsync(Pull(host, "shut/app"))).Out, StringComparison.Ordinal);
            await PushAsync(inside, host, "shut/more");
        }

        // Names of images can't hold an IPv6 address in this client, so a plain one asks over IPv6.
        Assert.Equal("403", await StatusAsync(outside, $"{outside.MachineV6}:{port}"));
        Assert.Equal("200", await StatusAsync(inside, $"{inside.MachineV6}:{port}"));

        Assert.Equal("open/app", (await Crane(outside, publicUri).RunAsync("catalog", "--insecure", publicUri)).Out.Trim());
        Assert.Equal(["open/app", "shut/app", "shut/more"], (await Crane(inside, privateUri).RunAsync("catalog", "--insecure", privateUri)).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        // Anonymous pull is another switch: without a login, inside alone.
        await registries.ChangeAsync(server.Administrator, "shut", new RegistrySettings(IsPublicUriOn: false, AllowsAnonymousPull: true), default);
        Assert.Contains(digest, (await inside.Run(fixture.NewClient("skopeo")).RunAsync(Pull(privateUri, "shut/app"))).Out, StringComparison.Ordinal);
        await outside.Run(fixture.NewClient("skopeo")).FailAsync(Pull(publicUri, "shut/app"));
        await inside.Run(fixture.NewClient("skopeo")).FailAsync(Push(privateUri, "shut/app"));

        string[] Push(string host, string image) => ["copy", "--dest-tls-verify=false", $"oci:{layout}:v1", $"docker://{host}/{image}:v1"];

        async Task PushAsync(NetworkNamespace network, string host, string image) => await Skopeo(network, host).RunAsync(Push(host, image));

        async Task<string> StatusAsync(NetworkNamespace network, string host) => (await network.Run(fixture.NewClient("curl"))
            .RunAsync("-gso", "/dev/null", "-w", "%{http_code}", "-u", $"{server.AccessKey}:{server.SecretKey}", $"http://{host}/v2/shut/app/manifests/v1")).Out;

        Cli Skopeo(NetworkNamespace network, string host) => network.Run(LoggedIn("skopeo", server, host));

        Cli Crane(NetworkNamespace network, string host) => network.Run(LoggedIn("crane", server, host));
    }

    private static string[] Pull(string host, string image) => ["inspect", "--tls-verify=false", $"docker://{host}/{image}:v1"];

    private Cli LoggedIn(string tool, NcrServer server, string host)
    {
        var client = fixture.NewClient(tool);
        ClientFixture.LogIn(client, server, host);
        return tool == "skopeo" ? client.With("REGISTRY_AUTH_FILE", Path.Combine(client.Environment["DOCKER_CONFIG"]!, "config.json")) : client;
    }
}
