using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

[Collection(ClientGroup.Name)]
public sealed class PodmanBuildahTests(ClientFixture fixture) : IClassFixture<ClientFixture>
{
    private NcrServer Server => fixture.Server;

    [ToolTheory("podman", "runc", "busybox")]
    [InlineData("oci", "application/vnd.oci.image.manifest.v1+json")]
    [InlineData("v2s2", "application/vnd.docker.distribution.manifest.v2+json")]
    public async Task PodmanPush_ThenPullIntoAnotherStore_SameImageRuns(string format, string mediaType)
    {
        var (podman, other) = (await LoggedInAsync("podman"), await LoggedInAsync("podman"));
        var (name, image) = ($"team/podman-{format}", $"{Server.Host}/team/podman-{format}:v1");
        var (expected, digestFile) = (await BuildAsync(podman, image, 1, 2), Path.Combine(fixture.NewFolder(), "digest"));

        await podman.RunAsync("push", "--tls-verify=false", "--format", format, "--digestfile", digestFile, image);
        await other.RunAsync("pull", "--tls-verify=false", image);

        Assert.Equal(mediaType, (await fixture.Wire.ManifestAsync(name, "v1")).MediaType);
        Assert.Equal(await fixture.Wire.DigestAsync(name, "v1"), await File.ReadAllTextAsync(digestFile));
        Assert.Equal(expected, await RunImageAsync(other, image));
    }

    [ToolFact("podman", "runc", "busybox")]
    public async Task PodmanPush_LayersInZstandard_ComeBack()
    {
        var (podman, other) = (await LoggedInAsync("podman"), await LoggedInAsync("podman"));
        var image = $"{Server.Host}/team/zstd:v1";
        var expected = await BuildAsync(podman, image, 1);

        await podman.RunAsync("push", "--tls-verify=false", "--format", "oci", "--compression-format", "zstd", image);
        await other.RunAsync("pull", "--tls-verify=false", image);

        var layers = (await fixture.Wire.ManifestJsonAsync("team/zstd", "v1")).GetProperty("layers").EnumerateArray();
        Assert.All(layers, l => Assert.Equal("application/vnd.oci.image.layer.v1.tar+zstd", l.GetProperty("mediaType").GetString()));
        Assert.Equal(expected, await RunImageAsync(other, image));
    }

    [ToolFact("podman")]
    public async Task PodmanLogin_WrongPassword_IsRefused()
    {
        var podman = NewClient("podman").WithInput("wrong");

        Explains.WrongPasswordBriefly(
            await podman.FailAsync("login", "--tls-verify=false", "--username", Server.AccessKey, "--password-stdin", Server.Host));
    }

    [ToolFact("podman", "busybox")]
    public async Task PodmanPush_UnknownRegistry_SaysSo()
    {
        var podman = await LoggedInAsync("podman");
        var image = $"{Server.Host}/nosuch/app:v1";
        await BuildAsync(podman, image, 1);

        Explains.UnknownRegistry(await podman.FailAsync("push", "--tls-verify=false", image));
    }

    [ToolFact("buildah", "podman", "runc", "busybox")]
    public async Task BuildahPush_ThenPodmanPull_SameImageRuns()
    {
        var (buildah, podman) = (await LoggedInAsync("buildah"), await LoggedInAsync("podman"));
        var (context, digestFile) = (fixture.NewFolder(), Path.Combine(fixture.NewFolder(), "digest"));
        var expected = await Files.WriteContextAsync(context, 1, 1);
        var image = $"{Server.Host}/team/buildah:v1";
        await buildah.RunAsync("build", "--quiet", "--layers", "--tag", image, context);

        await buildah.RunAsync("push", "--tls-verify=false", "--digestfile", digestFile, image, $"docker://{image}");
        await podman.RunAsync("pull", "--tls-verify=false", image);

        Assert.Equal(await fixture.Wire.DigestAsync("team/buildah", "v1"), await File.ReadAllTextAsync(digestFile));
        Assert.Equal(expected, await RunImageAsync(podman, image));
    }

    [ToolFact("buildah", "podman", "busybox")]
    public async Task BuildahManifestPush_TwoPlatforms_EachIsPulled()
    {
        var (buildah, podman) = (await LoggedInAsync("buildah"), await LoggedInAsync("podman"));
        var (context, digestFile) = (fixture.NewFolder(), Path.Combine(fixture.NewFolder(), "digest"));
        await Files.WriteContextAsync(context, 1);
        var image = $"{Server.Host}/team/platforms:v1";
        await buildah.RunAsync("manifest", "create", "platforms");
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            await buildah.RunAsync("build", "--quiet", "--platform", $"linux/{architecture}", "--manifest", "platforms", context);
        }

        await buildah.RunAsync("manifest", "push", "--all", "--tls-verify=false", "--digestfile", digestFile, "platforms", $"docker://{image}");

        Assert.Equal(await fixture.Wire.DigestAsync("team/platforms", "v1"), await File.ReadAllTextAsync(digestFile));
        var manifests = (await fixture.Wire.ManifestJsonAsync("team/platforms", "v1")).GetProperty("manifests").EnumerateArray();
        Assert.Equal(["amd64", "arm64"], manifests.Select(m => m.GetProperty("platform").GetProperty("architecture").GetString()!));
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            await podman.RunAsync("pull", "--tls-verify=false", "--platform", $"linux/{architecture}", image);
            Assert.Equal(architecture, (await podman.RunAsync("image", "inspect", "--format", "{{.Architecture}}", image)).Out.Trim());
        }
    }

    // What each image needs of the machine is asked for by name, because a container may not raise its own limits.
    private static async Task<string> RunImageAsync(Cli podman, string image) =>
        (await podman.RunAsync("run", "--rm", "--network=none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", image)).Out;

    private async Task<string> BuildAsync(Cli podman, string image, params int[] megabytes)
    {
        var context = fixture.NewFolder();
        var output = await Files.WriteContextAsync(context, megabytes);
        await podman.RunAsync("build", "--quiet", "--layers", "--tag", image, context);
        return output;
    }

    private async Task<Cli> LoggedInAsync(string tool)
    {
        var client = NewClient(tool);
        await client.WithInput(Server.SecretKey).RunAsync("login", "--tls-verify=false", "--username", Server.AccessKey, "--password-stdin", Server.Host);
        return client;
    }

    // A store of its own each, without overlays: those cannot be nested in a container that is itself one.
    private Cli NewClient(string tool)
    {
        var store = fixture.NewFolder();
        string[] folders = ["--root", Path.Combine(store, "root"), "--runroot", Path.Combine(store, "run"), "--storage-driver", "vfs"];
        string[] engine = ["--tmpdir", Path.Combine(store, "tmp"), "--cgroup-manager", "cgroupfs", "--events-backend", "none", "--runtime", "runc"];
        return fixture.NewClient(tool, ("BUILDAH_ISOLATION", "chroot")) with { CommonArguments = tool == "podman" ? [.. folders, .. engine] : folders };
    }
}
