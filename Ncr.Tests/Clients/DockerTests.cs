using System.Text.RegularExpressions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>Two engines with nothing in common but the server between them.</summary>
public sealed class TwoDaemons : IAsyncLifetime
{
    public DockerDaemon First { get; } = new();

    public DockerDaemon Second { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(First.DisposeAsync(), Second.DisposeAsync());
}

[Collection(ClientGroup.Name)]
public sealed partial class DockerTests(ClientFixture fixture, TwoDaemons daemons) : IClassFixture<ClientFixture>, IClassFixture<TwoDaemons>
{
    private NcrServer Server => fixture.Server;

    [ToolFact("docker", "dockerd", "busybox")]
    public async Task Push_ThenPullOnAnotherDaemon_SameImageRuns()
    {
        var (docker, other) = (await LoggedInAsync(daemons.First), await LoggedInAsync(daemons.Second));
        var image = $"{Server.Host}/team/app:v1";
        var expected = await BuildAsync(docker, image, 1, 5, 1);

        var digest = await PushAsync(docker, image);
        await other.RunAsync("pull", image);

        Assert.Equal(await fixture.Wire.DigestAsync("team/app", "v1"), digest);
        Assert.Equal(await InspectAsync(docker, image, "{{.Id}}"), await InspectAsync(other, image, "{{.Id}}"));
        Assert.Equal($"[\"{Server.Host}/team/app@{digest}\"]", await InspectAsync(other, image, "{{json .RepoDigests}}"));
        Assert.Equal(expected, (await other.RunAsync("run", "--rm", "--network=none", image)).Out);
    }

    [ToolFact("docker", "dockerd", "busybox")]
    public async Task Push_LayerOf300Megabytes_ComesBackUnchanged()
    {
        var (docker, other) = (await LoggedInAsync(daemons.First), await LoggedInAsync(daemons.Second));
        var image = $"{Server.Host}/team/large/model:v1";
        var expected = await BuildAsync(docker, image, 300);

        await PushAsync(docker, image);
        await other.RunAsync("pull", image);

        Assert.Equal(expected, (await other.RunAsync("run", "--rm", "--network=none", image)).Out);
        var manifest = await fixture.Wire.ManifestJsonAsync("team/large/model", "v1");
        var sizes = manifest.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("size").GetInt64());
        Assert.Contains(sizes, s => s >= 300L * Files.Megabyte);
        await docker.RunAsync("rmi", "--force", image);
        await other.RunAsync("rmi", "--force", image);
    }

    [ToolFact("docker", "dockerd", "busybox")]
    public async Task Push_SameLayersToAnotherImage_MountsThem()
    {
        var docker = await LoggedInAsync(daemons.First);
        var (image, second) = ($"{Server.Host}/team/mounted:v1", $"{Server.Host}/other/deep/mounted:v1");
        await BuildAsync(docker, image, 1, 1);
        var digest = await PushAsync(docker, image);

        await docker.RunAsync("tag", image, second);
        var output = (await docker.RunAsync("push", second)).Out;

        Assert.Equal(3, MountedFrom().Count(output));
        Assert.Equal(digest, await fixture.Wire.DigestAsync("other/deep/mounted", "v1"));
    }

    [ToolFact("docker", "dockerd", "busybox")]
    public async Task Push_AgainUnderAnotherTag_SendsNoLayer()
    {
        var docker = await LoggedInAsync(daemons.First);
        var (image, second) = ($"{Server.Host}/team/again:v1", $"{Server.Host}/team/again:v2");
        await BuildAsync(docker, image, 1);
        var digest = await PushAsync(docker, image);

        await docker.RunAsync("tag", image, second);
        var output = (await docker.RunAsync("push", second)).Out;

        Assert.DoesNotContain(": Pushed", output, StringComparison.Ordinal);
        Assert.Contains(": Layer already exists", output, StringComparison.Ordinal);
        Assert.Equal(digest, await fixture.Wire.DigestAsync("team/again", "v2"));
    }

    [ToolFact("docker", "dockerd", "busybox")]
    public async Task PushAllTags_SeveralTags_AllAreThere()
    {
        var docker = await LoggedInAsync(daemons.First);
        var name = $"{Server.Host}/team/many";
        foreach (var tag in new[] { "1.0", "1.1", "latest" })
        {
            await BuildAsync(docker, $"{name}:{tag}", 1);
        }

        await docker.RunAsync("push", "--all-tags", name);

        Assert.Equal(["1.0", "1.1", "latest"], await fixture.Wire.TagsAsync("team/many"));
        Assert.NotEqual(await fixture.Wire.DigestAsync("team/many", "1.0"), await fixture.Wire.DigestAsync("team/many", "1.1"));
    }

    [ToolFact("docker", "dockerd", "busybox")]
    public async Task Pull_ByDigestAfterTheTagMoved_GivesTheFirstImage()
    {
        var (docker, other) = (await LoggedInAsync(daemons.First), await LoggedInAsync(daemons.Second));
        var name = $"{Server.Host}/team/moving";
        var firstOutput = await BuildAsync(docker, $"{name}:v1", 1);
        var first = await PushAsync(docker, $"{name}:v1");
        var secondOutput = await BuildAsync(docker, $"{name}:v1", 1);
        var second = await PushAsync(docker, $"{name}:v1");

        await other.RunAsync("pull", $"{name}@{first}");
        await other.RunAsync("pull", $"{name}:v1");

        Assert.NotEqual(first, second);
        Assert.Equal(firstOutput, (await other.RunAsync("run", "--rm", "--network=none", $"{name}@{first}")).Out);
        Assert.Equal(secondOutput, (await other.RunAsync("run", "--rm", "--network=none", $"{name}:v1")).Out);
    }

    [ToolFact("docker", "dockerd", "busybox")]
    public async Task ManifestPush_TwoPlatforms_EachIsPulled()
    {
        var (docker, other) = (await LoggedInAsync(daemons.First), await LoggedInAsync(daemons.Second));
        var name = $"{Server.Host}/team/platforms";
        string[] architectures = [Files.Architecture, Files.OtherArchitecture];
        foreach (var architecture in architectures)
        {
            await BuildAsync(docker, $"{name}:{architecture}", architecture, 1);
            await PushAsync(docker, $"{name}:{architecture}");
        }

        await docker.RunAsync(["manifest", "create", "--insecure", $"{name}:v1", .. architectures.Select(a => $"{name}:{a}")]);
        var digest = (await docker.RunAsync("manifest", "push", "--insecure", $"{name}:v1")).Out.Trim();

        Assert.Equal(await fixture.Wire.DigestAsync("team/platforms", "v1"), digest);
        foreach (var architecture in architectures)
        {
            await other.RunAsync("pull", "--platform", $"linux/{architecture}", $"{name}:v1");
            Assert.Equal(architecture, await InspectAsync(other, $"{name}:v1", "{{.Architecture}}"));
            Assert.Equal(await InspectAsync(docker, $"{name}:{architecture}", "{{.Id}}"), await InspectAsync(other, $"{name}:v1", "{{.Id}}"));
        }
    }

    [ToolFact("docker", "dockerd")]
    public async Task Push_ImportedFileSystem_ComesBack()
    {
        var (docker, other) = (await LoggedInAsync(daemons.First), await LoggedInAsync(daemons.Second));
        var image = $"{Server.Host}/team/imported:v1";
        var tar = await Files.WriteTarAsync(fixture.NewFolder(), "hello");
        var id = (await docker.RunAsync("import", tar, image)).Out.Trim();

        await PushAsync(docker, image);
        await other.RunAsync("pull", image);

        Assert.Equal(id, await InspectAsync(other, image, "{{.Id}}"));
        Assert.Equal($"[\"sha256:{await Files.HashAsync(tar)}\"]", await InspectAsync(other, image, "{{json .RootFS.Layers}}"));
    }

    [ToolFact("docker", "dockerd")]
    public async Task Login_WrongPassword_SaysWhatIsExpected()
    {
        var docker = await daemons.First.NewClientAsync();

        var result = await docker.WithInput("wrong").FailAsync("login", "--username", Server.AccessKey, "--password-stdin", Server.Host);

        Explains.WrongPassword(result);
    }

    [ToolFact("docker", "dockerd")]
    public async Task Push_WithoutLogin_IsRefused()
    {
        var docker = await daemons.First.NewClientAsync();
        await ImportAsync(docker, $"{Server.Host}/team/anonymous:v1");

        Explains.NotLoggedIn(await docker.FailAsync("push", $"{Server.Host}/team/anonymous:v1"));
    }

    [ToolFact("docker", "dockerd")]
    public async Task PushAndPull_AfterTheKeyIsDeleted_AreRefusedAtOnce()
    {
        var docker = await daemons.First.NewClientAsync();
        var (key, secret) = await Server.CreateAccessKeyAsync();
        var name = $"{Server.Host}/team/revoked";
        await docker.WithInput(secret).RunAsync("login", "--username", key, "--password-stdin", Server.Host);
        await ImportAsync(docker, $"{name}:v1");
        await PushAsync(docker, $"{name}:v1");

        await Server.DeleteAccessKeyAsync(key);
        await ImportAsync(docker, $"{name}:v2");

        Explains.DeletedKey(await docker.FailAsync("push", $"{name}:v2"));
        Explains.DeletedKey(await docker.FailAsync("pull", $"{name}:v1"));
        Assert.Equal(["v1"], await fixture.Wire.TagsAsync("team/revoked"));
    }

    [ToolFact("docker", "dockerd")]
    public async Task Push_UnknownRegistry_SaysSo()
    {
        var docker = await LoggedInAsync(daemons.First);
        await ImportAsync(docker, $"{Server.Host}/nosuch/app:v1");

        Explains.UnknownRegistry(await docker.FailAsync("push", $"{Server.Host}/nosuch/app:v1"));
    }

    [ToolFact("docker", "dockerd")]
    public async Task Pull_UnknownTag_SaysSo()
    {
        var docker = await LoggedInAsync(daemons.First);
        await ImportAsync(docker, $"{Server.Host}/team/tags:v1");
        await PushAsync(docker, $"{Server.Host}/team/tags:v1");

        Explains.UnknownTag(await docker.FailAsync("pull", $"{Server.Host}/team/tags:v2"));
    }

    [ToolFact("docker", "dockerd")]
    public async Task Push_NameWithoutRegistry_SaysSo()
    {
        var docker = await LoggedInAsync(daemons.First);
        await ImportAsync(docker, $"{Server.Host}/app:v1");

        Explains.NameWithoutRegistry(await docker.FailAsync("push", $"{Server.Host}/app:v1"));
    }

    [ToolFact("docker", "dockerd")]
    public async Task Push_NameInCapitals_SaysSo()
    {
        var docker = await LoggedInAsync(daemons.First);

        Explains.NameOutOfGrammar(await docker.FailAsync("push", $"{Server.Host}/team/App:v1"));
    }

    private async Task<Cli> LoggedInAsync(DockerDaemon daemon)
    {
        var docker = await daemon.NewClientAsync();
        var result = await docker.WithInput(Server.SecretKey).RunAsync("login", "--username", Server.AccessKey, "--password-stdin", Server.Host);
        Assert.Contains("Login Succeeded", result.Out, StringComparison.Ordinal);
        return docker;
    }

    private Task<string> BuildAsync(Cli docker, string image, params int[] megabytes) => BuildAsync(docker, image, Files.Architecture, megabytes);

    // Gives what the image prints when it runs.
    private async Task<string> BuildAsync(Cli docker, string image, string architecture, params int[] megabytes)
    {
        var context = fixture.NewFolder();
        var output = await Files.WriteContextAsync(context, megabytes);
        // Its cache mixes up platforms: the same file copied for one is taken for the other.
        await docker.RunAsync("build", "--quiet", "--no-cache", "--platform", $"linux/{architecture}", "--tag", image, context);
        return output;
    }

    private async Task ImportAsync(Cli docker, string image) =>
        await docker.RunAsync("import", await Files.WriteTarAsync(fixture.NewFolder(), "hello"), image);

    private static async Task<string> PushAsync(Cli docker, string image)
    {
        var result = await docker.RunAsync("push", image);
        var match = PushedDigest().Match(result.Out);
        Assert.True(match.Success, $"docker should have printed the digest.\n{result}");
        return match.Groups[1].Value;
    }

    private static async Task<string> InspectAsync(Cli docker, string image, string format) =>
        (await docker.RunAsync("image", "inspect", "--format", format, image)).Out.Trim();

    [GeneratedRegex("digest: (sha256:[0-9a-f]{64}) size: [0-9]+")]
    private static partial Regex PushedDigest();

    [GeneratedRegex(": Mounted from team/mounted")]
    private static partial Regex MountedFrom();
}
