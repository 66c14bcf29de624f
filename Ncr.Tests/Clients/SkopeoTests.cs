using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Blobs.Integrity;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

[Collection(ClientGroup.Name)]
public sealed class SkopeoTests(ClientFixture fixture) : IClassFixture<ClientFixture>
{
    private static readonly string[] PlainHttp = ["--src-tls-verify=false", "--dest-tls-verify=false"];

    private NcrServer Server => fixture.Server;

    [ToolFact("skopeo")]
    public async Task Copy_OciLayoutThereAndBack_EveryBlobIsTheSame()
    {
        var skopeo = await LoggedInAsync(Server);
        var (source, target) = (fixture.NewFolder(), fixture.NewFolder());
        var digest = Files.WriteLayout(source, "v1");

        await skopeo.RunAsync("copy", "--dest-tls-verify=false", $"oci:{source}:v1", Image(Server, "team/layout:v1"));
        await skopeo.RunAsync("copy", "--src-tls-verify=false", Image(Server, "team/layout:v1"), $"oci:{target}:v1");

        Assert.Equal(digest, await fixture.Wire.DigestAsync("team/layout", "v1"));
        Assert.Equal(await BlobsAsync(source), await BlobsAsync(target));
    }

    [ToolFact("skopeo")]
    public async Task Copy_OfAnImageWhoseContentWasLost_BringsItBack()
    {
        await using var server = await NcrServer.StartAsync();
        var integrity = server.Services.GetRequiredService<IntegrityService>();
        var skopeo = await LoggedInAsync(server);
        var (source, target) = (fixture.NewFolder(), fixture.NewFolder());
        Files.WriteLayout(source, "v1");
        string[] push = ["copy", "--dest-tls-verify=false", $"oci:{source}:v1", Image(server, "team/lost:v1")];
        string[] pull = ["copy", "--src-tls-verify=false", Image(server, "team/lost:v1"), $"oci:{target}:v1"];
        await skopeo.RunAsync(push);
        foreach (var file in Directory.GetFiles(Path.Combine(server.DataFolder, "blobs"), "*", SearchOption.AllDirectories))
        {
            await File.WriteAllTextAsync(file, "shorter");
        }

        await skopeo.FailAsync(pull);
        await integrity.StartAsync(server.Administrator, isQuick: true, CancellationToken.None);
        for (var i = 0; (await integrity.GetStatusAsync(server.Administrator, CancellationToken.None)).Last is null; i++)
        {
            Assert.True(i < 600, "The check did not end.");
            await Task.Delay(50);
        }

        await skopeo.RunAsync(push);
        await skopeo.RunAsync(pull);

        Assert.Equal(await BlobsAsync(source), await BlobsAsync(target));
    }

    [ToolTheory("skopeo")]
    [InlineData("oci", "application/vnd.oci.image.manifest.v1+json")]
    [InlineData("v2s2", "application/vnd.docker.distribution.manifest.v2+json")]
    public async Task Copy_BetweenTwoServers_DigestIsTheSame(string format, string mediaType)
    {
        var second = await fixture.SecondServerAsync();
        using var wire = new Wire(second);
        var skopeo = await LoggedInAsync(Server, second);
        var (name, source) = ($"team/copy-{format}", fixture.NewFolder());
        Files.WriteLayout(source, "v1");
        await skopeo.RunAsync("copy", "--dest-tls-verify=false", "--format", format, $"oci:{source}:v1", Image(Server, $"{name}:v1"));

        await skopeo.RunAsync(["copy", "--preserve-digests", .. PlainHttp, Image(Server, $"{name}:v1"), Image(second, $"{name}:v1")]);

        Assert.Equal(mediaType, (await wire.ManifestAsync(name, "v1")).MediaType);
        Assert.Equal(await fixture.Wire.DigestAsync(name, "v1"), await wire.DigestAsync(name, "v1"));
    }

    [ToolTheory("skopeo")]
    [InlineData("oci", "application/vnd.oci.image.index.v1+json")]
    [InlineData("v2s2", "application/vnd.docker.distribution.manifest.list.v2+json")]
    public async Task CopyAll_MultiArchitectureBetweenTwoServers_DigestIsTheSame(string format, string mediaType)
    {
        var second = await fixture.SecondServerAsync();
        using var wire = new Wire(second);
        var skopeo = await LoggedInAsync(Server, second);
        var (name, source) = ($"team/all-{format}", fixture.NewFolder());
        Files.WriteMultiArchitectureLayout(source, "v1");
        await skopeo.RunAsync("copy", "--all", "--dest-tls-verify=false", "--format", format, $"oci:{source}:v1", Image(Server, $"{name}:v1"));

        await skopeo.RunAsync(["copy", "--all", "--preserve-digests", .. PlainHttp, Image(Server, $"{name}:v1"), Image(second, $"{name}:v1")]);

        Assert.Equal(mediaType, (await wire.ManifestAsync(name, "v1")).MediaType);
        Assert.Equal(await fixture.Wire.DigestAsync(name, "v1"), await wire.DigestAsync(name, "v1"));
        var manifests = (await wire.ManifestJsonAsync(name, "v1")).GetProperty("manifests").EnumerateArray();
        var children = manifests.Select(m => m.GetProperty("digest").GetString()!).ToArray();
        Assert.Equal(2, children.Length);
        foreach (var child in children)
        {
            Assert.Equal(child, await wire.DigestAsync(name, child));
        }
    }

    [ToolFact("skopeo")]
    public async Task CopyAll_MultiArchitectureLayout_KeepsItsDigest()
    {
        var skopeo = await LoggedInAsync(Server);
        var source = fixture.NewFolder();
        var digest = Files.WriteMultiArchitectureLayout(source, "v1");

        await skopeo.RunAsync("copy", "--all", "--preserve-digests", "--dest-tls-verify=false", $"oci:{source}:v1", Image(Server, "team/index:v1"));

        Assert.Equal(digest, await fixture.Wire.DigestAsync("team/index", "v1"));
    }

    [ToolFact("skopeo")]
    public async Task Sync_ImageWithSeveralTags_AllArriveOnTheOtherServer()
    {
        var second = await fixture.SecondServerAsync();
        using var wire = new Wire(second);
        var skopeo = await LoggedInAsync(Server, second);
        foreach (var tag in new[] { "a", "b", "c" })
        {
            var source = fixture.NewFolder();
            Files.WriteMultiArchitectureLayout(source, tag);
            await skopeo.RunAsync("copy", "--all", "--dest-tls-verify=false", $"oci:{source}:{tag}", Image(Server, $"team/synced:{tag}"));
        }

        await skopeo.RunAsync(["sync", "--all", .. PlainHttp, "--src", "docker", "--dest", "docker", $"{Server.Host}/team/synced", $"{second.Host}/other"]);

        Assert.Equal(["a", "b", "c"], await wire.TagsAsync("other/synced"));
        foreach (var tag in new[] { "a", "b", "c" })
        {
            Assert.Equal(await fixture.Wire.DigestAsync("team/synced", tag), await wire.DigestAsync("other/synced", tag));
        }
    }

    [ToolFact("skopeo")]
    public async Task InspectListAndDelete_PushedImage_AgreeWithTheServer()
    {
        var skopeo = await LoggedInAsync(Server);
        var source = fixture.NewFolder();
        var digest = Files.WriteLayout(source, "v1");
        await skopeo.RunAsync("copy", "--dest-tls-verify=false", $"oci:{source}:v1", Image(Server, "team/listed:v1"));
        await skopeo.RunAsync("copy", "--dest-tls-verify=false", $"oci:{source}:v1", Image(Server, "team/listed:v2"));

        var inspected = await skopeo.RunAsync(
            "inspect", "--tls-verify=false", "--format", "{{.Digest}} {{.Architecture}} {{len .Layers}}", Image(Server, "team/listed:v1"));
        var raw = await skopeo.RunAsync("inspect", "--tls-verify=false", "--raw", Image(Server, "team/listed:v1"));
        var listed = await skopeo.RunAsync("list-tags", "--tls-verify=false", Image(Server, "team/listed"));
        await skopeo.RunAsync("delete", "--tls-verify=false", Image(Server, "team/listed:v1"));

        Assert.Equal($"{digest} {Files.Architecture} 3", inspected.Out.Trim());
        Assert.Equal(digest, Files.Digest(raw.OutBytes));
        Assert.Contains("\"v1\",\n        \"v2\"", listed.Out, StringComparison.Ordinal);
        // It deletes by digest, and so every tag of the artifact.
        Explains.UnknownTag(await skopeo.FailAsync("inspect", "--tls-verify=false", Image(Server, "team/listed:v2")));
    }

    [ToolFact("skopeo")]
    public async Task Copy_WrongPassword_IsRefused()
    {
        var skopeo = fixture.NewClient("skopeo");
        var source = fixture.NewFolder();
        Files.WriteLayout(source, "v1");

        var result = await skopeo.FailAsync(
            "copy", "--dest-tls-verify=false", "--dest-creds", $"{Server.AccessKey}:wrong", $"oci:{source}:v1", Image(Server, "team/refused:v1"));

        Explains.WrongPasswordBriefly(result);
    }

    [ToolFact("skopeo")]
    public async Task Copy_UnknownRegistry_SaysSo()
    {
        var skopeo = await LoggedInAsync(Server);
        var source = fixture.NewFolder();
        Files.WriteLayout(source, "v1");

        Explains.UnknownRegistry(await skopeo.FailAsync("copy", "--dest-tls-verify=false", $"oci:{source}:v1", Image(Server, "nosuch/app:v1")));
    }

    private static string Image(NcrServer server, string name) => $"docker://{server.Host}/{name}";

    private async Task<Cli> LoggedInAsync(params NcrServer[] servers)
    {
        var skopeo = fixture.NewClient("skopeo");
        foreach (var server in servers)
        {
            await skopeo.WithInput(server.SecretKey).RunAsync("login", "--tls-verify=false", "--username", server.AccessKey, "--password-stdin", server.Host);
        }

        return skopeo;
    }

    // The names of a layout's blobs, each checked to be the digest of what is in it.
    private static async Task<string[]> BlobsAsync(string layout)
    {
        var files = Directory.GetFiles(Path.Combine(layout, "blobs", "sha256")).Order(StringComparer.Ordinal).ToArray();
        foreach (var file in files)
        {
            Assert.Equal(Path.GetFileName(file), await Files.HashAsync(file));
        }

        return [.. files.Select(f => Path.GetFileName(f))];
    }
}
