using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Blobs;
using Ncr.Core.Images;
using Ncr.Tests.Support;
using Ncr.Web.Components.Pages.Images;

namespace Ncr.Tests.Clients;

/// <summary>The commands that the console gives to copy, run as they stand.</summary>
[Collection(ClientGroup.Name)]
public sealed class PullCommandTests(ClientFixture fixture) : IClassFixture<ClientFixture>
{
    private NcrServer Server => fixture.Server;

    [ToolFact("oras-1.3", "skopeo", "crane")]
    public async Task OfAnIndex_EachRun_Work()
    {
        var crane = fixture.NewCrane();
        var layout = fixture.NewFolder();
        Files.WriteMultiArchitectureLayout(layout, "v1");
        await crane.RunAsync("push", layout, $"{Server.Host}/team/pulled:v1");

        await RunAllAsync("team/pulled", "v1", except: ["docker", "podman"]); // Each has tests of its own that pull.
    }

    [ToolFact("oras-1.3", "skopeo", "helm-4")]
    public async Task OfAChart_EachRun_Work()
    {
        using var http = Server.CreateClient();
        var chart = new ImageBuilder(config: """{"name":"chart","version":"1.2.0+b.1"}"""u8.ToArray(), layerContents: [new LayerBuilder().File("chart/Chart.yaml", "name: chart\nversion: 1.2.0+b.1\napiVersion: v2\n").Gzip()])
        {
            ConfigType = "application/vnd.cncf.helm.config.v1+json",
            LayerType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        };
        await new RegistryClient(http, "team/charts/chart").PushAsync(chart, "1.2.0_b.1");

        await RunAllAsync("team/charts/chart", "1.2.0_b.1");
    }

    [ToolFact("oras-1.3", "skopeo", "crane")]
    public async Task OfOtherArtifacts_EachRun_Work()
    {
        using var http = Server.CreateClient();
        var files = new ImageBuilder(1, config: "{}"u8.ToArray())
        {
            ArtifactType = "application/vnd.example.report",
            ConfigType = "application/vnd.oci.empty.v1+json",
            LayerType = "text/plain",
            Change = m => m["layers"]![0]!["annotations"] = new JsonObject { ["org.opencontainers.image.title"] = "report.txt" },
        };
        await new RegistryClient(http, "team/report").PushAsync(files, "v1");

        await RunAllAsync("team/report", "v1");
    }

    private async Task RunAllAsync(string image, string tag, params string[] except)
    {
        var name = ImageName.Parse(image);
        var artifact = await Server.Services.GetRequiredService<ArtifactService>().FindAsync(Server.Administrator, name, Digest.Parse(await fixture.Wire.DigestAsync(image, tag)), CancellationToken.None);
        var address = Addresses.Of($"http://{Server.Host}");
        var shell = fixture.NewClient("bash");
        var tools = fixture.NewFolder();
        foreach (var (tool, version) in new[] { ("oras", "oras-1.3"), ("helm", "helm-4"), ("skopeo", "skopeo"), ("crane", "crane") }.Where(t => Tool.Missing(t.Item2) is null))
        {
            File.CreateSymbolicLink(Path.Combine(tools, tool), Tool.Require(version));
        }

        ClientFixture.LogIn(shell, Server);
        var clients = PullCommand.All(artifact!.Row, address, image).Where(c => !except.Contains(c.Client)).ToArray();
        Assert.NotEmpty(clients);
        foreach (var command in clients.SelectMany(c => new[] { c.ByTag, c.ByDigest }))
        {
            var folder = fixture.NewFolder();
            await shell.In(folder).With("PATH", $"{tools}:{Environment.GetEnvironmentVariable("PATH")}").With("REGISTRY_AUTH_FILE", Path.Combine(shell.Environment["DOCKER_CONFIG"]!, "config.json")).RunAsync("-c", command!);
            Assert.True(command!.StartsWith("crane manifest", StringComparison.Ordinal) || Directory.EnumerateFileSystemEntries(folder).Any(), $"Nothing came of: {command}");
        }
    }
}
