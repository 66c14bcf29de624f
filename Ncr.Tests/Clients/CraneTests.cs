using System.Text.Json;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

[Collection(ClientGroup.Name)]
public sealed class CraneTests(ClientFixture fixture) : IClassFixture<ClientFixture>
{
    private NcrServer Server => fixture.Server;

    private string Host => fixture.Server.Host;

    [ToolFact("crane")]
    public async Task PushAndPull_OciLayout_KeepsDigestAndContent()
    {
        var crane = await LoggedInAsync();
        var (source, target) = (fixture.NewFolder(), fixture.NewFolder());
        var digest = Files.WriteLayout(source, "v1");

        await crane.RunAsync("push", source, $"{Host}/team/pushed:v1");
        await crane.RunAsync("pull", "--format=oci", $"{Host}/team/pushed:v1", target);
        await crane.RunAsync("validate", "--remote", $"{Host}/team/pushed:v1");

        Assert.Equal(digest, await fixture.Wire.DigestAsync("team/pushed", "v1"));
        Assert.Equal(digest, (await crane.RunAsync("digest", $"{Host}/team/pushed:v1")).Out.Trim());
        Assert.Equal(digest, Files.Digest((await crane.RunAsync("manifest", $"{Host}/team/pushed:v1")).OutBytes));
        foreach (var blob in Directory.GetFiles(Path.Combine(source, "blobs", "sha256")))
        {
            Assert.Equal(await Files.HashAsync(blob), await Files.HashAsync(Path.Combine(target, "blobs", "sha256", Path.GetFileName(blob))));
        }
    }

    [ToolFact("crane")]
    public async Task Push_MultiArchitectureLayout_KeepsDigest()
    {
        var crane = await LoggedInAsync();
        var source = fixture.NewFolder();
        var digest = Files.WriteMultiArchitectureLayout(source, "v1");

        // Of a layout it pushes the index of the layout itself, unless that holds one thing only.
        await crane.RunAsync("push", source, $"{Host}/team/index:v1");
        await crane.RunAsync("validate", "--remote", $"{Host}/team/index:v1");
        var config = await crane.RunAsync("config", "--platform", "linux/arm64", $"{Host}/team/index:v1");

        Assert.Equal(digest, await fixture.Wire.DigestAsync("team/index", "v1"));
        Assert.Contains("\"architecture\":\"arm64\"", config.Out, StringComparison.Ordinal);
    }

    [ToolFact("crane")]
    public async Task Append_LayerOnAnImage_KeepsTheLayersBelow()
    {
        var crane = await LoggedInAsync();
        var folder = fixture.NewFolder();
        Files.WriteLayout(folder, "v1");
        await crane.RunAsync("push", folder, $"{Host}/team/appended:v1");
        var tar = await Files.WriteTarAsync(fixture.NewFolder(), "more");

        await crane.RunAsync("append", "--base", $"{Host}/team/appended:v1", "--new_layer", tar, "--new_tag", $"{Host}/team/appended:v2");
        await crane.RunAsync("export", $"{Host}/team/appended:v2", Path.Combine(folder, "export.tar"));

        var (below, above) = (await LayersAsync("team/appended", "v1"), await LayersAsync("team/appended", "v2"));
        Assert.Equal(below, above[..^1]);
        Assert.Equal(below.Length + 1, above.Length);
        var files = await ListTarAsync(Path.Combine(folder, "export.tar"));
        Assert.Contains("more", files);
        Assert.Contains($"{Files.Architecture}0", files);
    }

    [ToolFact("crane")]
    public async Task MutateAndIndexAppend_OneImage_MakeAnIndexOfBoth()
    {
        var crane = await LoggedInAsync();
        var folder = fixture.NewFolder();
        var first = Files.WriteLayout(folder, "v1");
        var name = $"{Host}/team/mutated";
        await crane.RunAsync("push", folder, $"{name}:v1");

        await crane.RunAsync("mutate", "--label", "made=here", "--set-platform", $"linux/{Files.OtherArchitecture}", "--tag", $"{name}:v2", $"{name}:v1");
        await crane.RunAsync("index", "append", "--tag", $"{name}:both", "--manifest", $"{name}:v1", "--manifest", $"{name}:v2");

        var second = await fixture.Wire.DigestAsync("team/mutated", "v2");
        Assert.NotEqual(first, second);
        using (var config = JsonDocument.Parse((await crane.RunAsync("config", $"{name}:v2")).OutBytes))
        {
            Assert.Equal("here", config.RootElement.GetProperty("config").GetProperty("Labels").GetProperty("made").GetString());
            Assert.Equal(Files.OtherArchitecture, config.RootElement.GetProperty("architecture").GetString());
        }

        var index = await fixture.Wire.ManifestJsonAsync("team/mutated", "both");
        Assert.Equal([first, second], index.GetProperty("manifests").EnumerateArray().Select(m => m.GetProperty("digest").GetString()!));
    }

    [ToolFact("crane")]
    public async Task CatalogListAndTag_SeveralImages_AreAllNamed()
    {
        var crane = await LoggedInAsync();
        var folder = fixture.NewFolder();
        var digest = Files.WriteLayout(folder, "v1");
        await crane.RunAsync("push", folder, $"{Host}/team/listed/one:v1");
        await crane.RunAsync("push", folder, $"{Host}/other/listed/two:v1");

        await crane.RunAsync("tag", $"{Host}/team/listed/one:v1", "latest");

        var catalog = (await crane.RunAsync("catalog", Host)).Out.Split('\n');
        Assert.Contains("team/listed/one", catalog);
        Assert.Contains("other/listed/two", catalog);
        Assert.Equal("latest\nv1\n", (await crane.RunAsync("ls", $"{Host}/team/listed/one")).Out);
        Assert.Equal(digest, await fixture.Wire.DigestAsync("team/listed/one", "latest"));
    }

    [ToolFact("crane")]
    public async Task Delete_ByTagThenByDigest_TakesTheTagThenTheArtifact()
    {
        var crane = await LoggedInAsync();
        var folder = fixture.NewFolder();
        var digest = Files.WriteLayout(folder, "v1");
        var name = $"{Host}/team/deleted";
        await crane.RunAsync("push", folder, $"{name}:v1");
        await crane.RunAsync("tag", $"{name}:v1", "v2");

        await crane.RunAsync("delete", $"{name}:v1");
        Assert.Equal(["v2"], await fixture.Wire.TagsAsync("team/deleted"));
        Assert.Equal(digest, await fixture.Wire.DigestAsync("team/deleted", digest));

        await crane.RunAsync("delete", $"{name}@{digest}");
        Explains.UnknownTag(await crane.FailAsync("manifest", $"{name}@{digest}"));
        Explains.UnknownTag(await crane.FailAsync("manifest", $"{name}:v2"));
    }

    [ToolFact("crane")]
    public async Task Copy_ToAnotherServerAndRegistry_DigestsAreTheSame()
    {
        var second = await fixture.SecondServerAsync();
        using var wire = new Wire(second);
        var crane = await LoggedInAsync(second);
        var folder = fixture.NewFolder();
        var digest = Files.WriteMultiArchitectureLayout(folder, "v1");
        await crane.RunAsync("push", folder, $"{Host}/team/copied:v1");
        await crane.RunAsync("tag", $"{Host}/team/copied:v1", "v2");

        await crane.RunAsync("copy", $"{Host}/team/copied:v1", $"{Host}/other/copied:v1");
        await crane.RunAsync("copy", "--all-tags", $"{Host}/team/copied", $"{second.Host}/team/copied");

        Assert.Equal(digest, await fixture.Wire.DigestAsync("other/copied", "v1"));
        Assert.Equal(digest, await wire.DigestAsync("team/copied", "v1"));
        Assert.Equal(["v1", "v2"], await wire.TagsAsync("team/copied"));
        await crane.RunAsync("validate", "--remote", $"{second.Host}/team/copied:v1");
    }

    [ToolFact("crane")]
    public async Task Push_WrongPassword_SaysWhatIsExpected()
    {
        var crane = fixture.NewClient("crane");
        var folder = fixture.NewFolder();
        Files.WriteLayout(folder, "v1");
        await crane.WithInput("wrong").RunAsync("auth", "login", "--username", Server.AccessKey, "--password-stdin", Host);

        Explains.WrongPassword(await crane.FailAsync("push", folder, $"{Host}/team/refused:v1"));
    }

    [ToolFact("crane")]
    public async Task Push_UnknownRegistry_SaysSo()
    {
        var crane = await LoggedInAsync();
        var folder = fixture.NewFolder();
        Files.WriteLayout(folder, "v1");

        Explains.UnknownRegistry(await crane.FailAsync("push", folder, $"{Host}/nosuch/app:v1"));
    }

    private async Task<Cli> LoggedInAsync(params NcrServer[] others)
    {
        var crane = fixture.NewClient("crane");
        foreach (var server in others.Prepend(Server))
        {
            await crane.WithInput(server.SecretKey).RunAsync("auth", "login", "--username", server.AccessKey, "--password-stdin", server.Host);
        }

        return crane;
    }

    private async Task<string[]> LayersAsync(string name, string reference) =>
        [.. (await fixture.Wire.ManifestJsonAsync(name, reference)).GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("digest").GetString()!)];

    private static async Task<string[]> ListTarAsync(string file) => (await new Cli("tar").RunAsync("-tf", file)).Out.Split('\n');
}
