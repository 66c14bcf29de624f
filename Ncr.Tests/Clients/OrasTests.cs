using System.Text.Json;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

[Collection(ClientGroup.Name)]
public sealed class OrasTests(ClientFixture fixture) : IClassFixture<ClientFixture>
{
    private const string ArtifactType = "application/vnd.example.thing";
    private const string SbomType = "application/spdx+json";
    private const string NoteType = "application/vnd.example.note";

    private NcrServer Server => fixture.Server;

    private string Host => fixture.Server.Host;

    [ToolTheory("oras-1.2", "oras-1.3")]
    [InlineData("oras-1.2")]
    [InlineData("oras-1.3")]
    public async Task PushAndPull_SeveralFiles_ComeBackUnchanged(string tool)
    {
        var oras = await LoggedInAsync(tool);
        var (source, target, image) = (fixture.NewFolder(), fixture.NewFolder(), $"{Host}/team/{tool}/files:v1");
        var hash = await Files.WriteRandomAsync(Path.Combine(source, "large.bin"), 200);
        await File.WriteAllTextAsync(Path.Combine(source, "small.txt"), "hello world\n");

        var pushed = await oras.In(source).RunAsync(
            "push", "--plain-http", "--format", "json", "--artifact-type", ArtifactType, "--annotation", "made=here", image,
            "large.bin", "small.txt:text/plain");
        await oras.RunAsync("pull", "--plain-http", "--output", target, image);

        Assert.Equal(await fixture.Wire.DigestAsync($"team/{tool}/files", "v1"), Json(pushed).GetProperty("digest").GetString());
        Assert.Equal(hash, await Files.HashAsync(Path.Combine(target, "large.bin")));
        Assert.Equal("hello world\n", await File.ReadAllTextAsync(Path.Combine(target, "small.txt")));
        var manifest = await fixture.Wire.ManifestJsonAsync($"team/{tool}/files", "v1");
        Assert.Equal(ArtifactType, manifest.GetProperty("artifactType").GetString());
        Assert.Equal("here", manifest.GetProperty("annotations").GetProperty("made").GetString());
    }

    [ToolTheory("oras-1.2", "oras-1.3")]
    [InlineData("oras-1.2")]
    [InlineData("oras-1.3")]
    public async Task AttachAndDiscover_TwoTypes_AreListedAndFiltered(string tool)
    {
        var oras = await LoggedInAsync(tool);
        var (name, image) = ($"team/{tool}/subject", $"{Host}/team/{tool}/subject:v1");
        var (subject, sbom, note) = await PushWithReferrersAsync(oras, image);

        var all = Json(await oras.RunAsync("discover", "--plain-http", "--format", "json", image));
        var filtered = Json(await oras.RunAsync("discover", "--plain-http", "--format", "json", "--artifact-type", SbomType, image));

        Assert.Equal(new[] { sbom, note }.Order(StringComparer.Ordinal), Referrers(all).Order(StringComparer.Ordinal));
        Assert.Equal([sbom], Referrers(filtered));
        Assert.Equal([SbomType, NoteType], (await fixture.Wire.ReferrerTypesAsync(name, subject)).Order(StringComparer.Ordinal));
        // Had it found no referrers API, it would have left a tag named after the subject's digest.
        Assert.Equal("v1\n", (await oras.RunAsync("repo", "tags", "--plain-http", $"{Host}/{name}")).Out);
    }

    [ToolTheory("oras-1.2", "oras-1.3")]
    [InlineData("oras-1.2")]
    [InlineData("oras-1.3")]
    public async Task CopyRecursive_ToAnotherServer_TakesTheReferrersAlong(string tool)
    {
        var second = await fixture.SecondServerAsync();
        using var wire = new Wire(second);
        var oras = await LoggedInAsync(tool, second);
        var (name, image) = ($"team/{tool}/copied", $"{Host}/team/{tool}/copied:v1");
        var (subject, sbom, note) = await PushWithReferrersAsync(oras, image);

        await oras.RunAsync("cp", "--recursive", "--from-plain-http", "--to-plain-http", image, $"{second.Host}/{name}:v1");

        Assert.Equal(subject, await wire.DigestAsync(name, "v1"));
        Assert.Equal(sbom, await wire.DigestAsync(name, sbom));
        Assert.Equal(note, await wire.DigestAsync(name, note));
        Assert.Equal(2, (await wire.ReferrerTypesAsync(name, subject)).Length);
    }

    [ToolTheory("oras-1.2", "oras-1.3")]
    [InlineData("oras-1.2")]
    [InlineData("oras-1.3")]
    public async Task Copy_LayoutOfTwoPlatformsAndBetweenRegistries_KeepsDigest(string tool)
    {
        var oras = await LoggedInAsync(tool);
        var layout = fixture.NewFolder();
        var digest = Files.WriteMultiArchitectureLayout(layout, "v1");

        await oras.RunAsync("cp", "--from-oci-layout", "--to-plain-http", $"{layout}:v1", $"{Host}/team/{tool}/layout:v1");
        await oras.RunAsync("cp", "--from-plain-http", "--to-plain-http", $"{Host}/team/{tool}/layout:v1", $"{Host}/other/{tool}/layout:v1");
        await oras.RunAsync("tag", "--plain-http", $"{Host}/other/{tool}/layout:v1", "v2", "v3");

        Assert.Equal(digest, await fixture.Wire.DigestAsync($"team/{tool}/layout", "v1"));
        Assert.Equal(digest, await fixture.Wire.DigestAsync($"other/{tool}/layout", "v3"));
        Assert.Equal(digest, (await oras.RunAsync("resolve", "--plain-http", $"{Host}/other/{tool}/layout:v2")).Out.Trim());
        var repositories = (await oras.RunAsync("repo", "ls", "--plain-http", Host)).Out.Split('\n');
        Assert.Contains($"other/{tool}/layout", repositories);
    }

    [ToolTheory("oras-1.2", "oras-1.3")]
    [InlineData("oras-1.2")]
    [InlineData("oras-1.3")]
    public async Task BlobAndManifest_PushFetchDelete_Work(string tool)
    {
        var oras = await LoggedInAsync(tool);
        var (folder, name) = (fixture.NewFolder(), $"{Host}/team/{tool}/parts");
        var hash = await Files.WriteRandomAsync(Path.Combine(folder, "blob"), 1);

        await oras.In(folder).RunAsync("blob", "push", "--plain-http", $"{name}@sha256:{hash}", "blob");
        await oras.RunAsync("blob", "fetch", "--plain-http", "--output", Path.Combine(folder, "back"), $"{name}@sha256:{hash}");
        await oras.In(folder).RunAsync("push", "--plain-http", $"{name}:v1", "blob");
        var manifest = await oras.RunAsync("manifest", "fetch", "--plain-http", $"{name}:v1");
        await oras.RunAsync("manifest", "delete", "--plain-http", "--force", $"{name}:v1");

        Assert.Equal(hash, await Files.HashAsync(Path.Combine(folder, "back")));
        Assert.Contains($"sha256:{hash}", manifest.Out, StringComparison.Ordinal);
        Explains.UnknownTag(await oras.FailAsync("manifest", "fetch", "--plain-http", $"{name}:v1"));
    }

    [ToolTheory("oras-1.2", "oras-1.3")]
    [InlineData("oras-1.2")]
    [InlineData("oras-1.3")]
    public async Task LoginAndPush_WrongPasswordOrUnknownRegistry_AreRefused(string tool)
    {
        var stranger = fixture.NewClient(tool);
        var oras = await LoggedInAsync(tool);
        var folder = fixture.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "file"), tool);

        Explains.WrongPassword(
            await stranger.WithInput("wrong").FailAsync("login", "--plain-http", "--username", Server.AccessKey, "--password-stdin", Host));
        Explains.NotLoggedIn(await stranger.In(folder).FailAsync("push", "--plain-http", $"{Host}/team/{tool}/refused:v1", "file"));
        // One blob at a time: 1.2 panics on two refusals at once.
        Explains.UnknownRegistry(await oras.In(folder).FailAsync("push", "--plain-http", "--concurrency", "1", $"{Host}/nosuch/app:v1", "file"));
    }

    private async Task<(string Subject, string Sbom, string Note)> PushWithReferrersAsync(Cli oras, string image)
    {
        var folder = fixture.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "thing"), image);
        await File.WriteAllTextAsync(Path.Combine(folder, "sbom.json"), """{"spdxVersion":"SPDX-2.3"}""");
        var client = oras.In(folder);
        var subject = await client.RunAsync("push", "--plain-http", "--format", "json", "--artifact-type", ArtifactType, image, "thing");
        var sbom = await client.RunAsync("attach", "--plain-http", "--format", "json", "--artifact-type", SbomType, image, "sbom.json:application/json");
        var note = await client.RunAsync("attach", "--plain-http", "--format", "json", "--artifact-type", NoteType, "--annotation", "text=hello", image);
        return (Digest(subject), Digest(sbom), Digest(note));
    }

    private async Task<Cli> LoggedInAsync(string tool, params NcrServer[] others)
    {
        var oras = fixture.NewClient(tool);
        foreach (var server in others.Prepend(Server))
        {
            await oras.WithInput(server.SecretKey).RunAsync("login", "--plain-http", "--username", server.AccessKey, "--password-stdin", server.Host);
        }

        return oras;
    }

    // 1.2 calls the list "manifests", 1.3 "referrers".
    private static IEnumerable<string> Referrers(JsonElement discovered) =>
        (discovered.TryGetProperty("referrers", out var list) ? list : discovered.GetProperty("manifests"))
        .EnumerateArray().Select(m => m.GetProperty("digest").GetString()!);

    private static string Digest(CliResult result) => Json(result).GetProperty("digest").GetString()!;

    private static JsonElement Json(CliResult result)
    {
        using var document = JsonDocument.Parse(result.OutBytes);
        return document.RootElement.Clone();
    }
}
