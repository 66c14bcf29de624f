using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>A server with somebody who may push and not pull, which no client was made for.</summary>
public sealed class UploaderFixture : IAsyncLifetime
{
    public ClientFixture Clients { get; } = new();

    public DockerDaemon Docker { get; } = new();

    public NewSecret Key { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Clients.InitializeAsync();
        var (services, admin) = (Clients.Server.Services, Clients.Server.Administrator);
        await services.GetRequiredService<UserAdministration>().CreateServiceAsync(admin, "uploader", Role.ImageUploader, CancellationToken.None);
        var user = await services.GetRequiredService<UserAdministration>().FindAsync(admin, "uploader", CancellationToken.None);
        Key = await services.GetRequiredService<AccessKeyService>().CreateForServiceAsync(admin, user!.Id, AccessKeySettings.None, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await Docker.DisposeAsync();
        await Clients.DisposeAsync();
    }
}

[Collection(ClientGroup.Name)]
public sealed class UploaderTests(UploaderFixture fixture) : IClassFixture<UploaderFixture>
{
    private readonly ClientFixture _clients = fixture.Clients;

    private string Host => fixture.Clients.Server.Host;

    [ToolFact("docker", "dockerd", "busybox")]
    public async Task Docker_PushesAndIsRefusedThePull()
    {
        var docker = await fixture.Docker.NewClientAsync();
        await docker.WithInput(fixture.Key.Secret).RunAsync("login", "--username", fixture.Key.Key, "--password-stdin", Host);
        var (folder, image) = (_clients.NewFolder(), $"{Host}/team/docker:v1");
        await Files.WriteContextAsync(folder, 1);
        await docker.RunAsync("build", "--tag", image, folder);

        await docker.RunAsync("push", image);
        await docker.RunAsync("tag", image, $"{Host}/other/docker:v1");
        await docker.RunAsync("push", $"{Host}/other/docker:v1"); // It would mount the layers from the first, which needs pulling.

        Assert.NotNull(await _clients.Wire.DigestAsync("other/docker", "v1"));
        Explains.MayNotPull(await docker.FailAsync("pull", image));
    }

    [ToolFact("skopeo")]
    public async Task Skopeo_PushesAndIsRefusedThePull()
    {
        var skopeo = await LoggedInAsync("skopeo", "login", "--tls-verify=false");
        var folder = _clients.NewFolder();
        var digest = Files.WriteLayout(folder, "v1");

        await skopeo.RunAsync("copy", "--dest-tls-verify=false", $"oci:{folder}:v1", $"docker://{Host}/team/skopeo:v1");
        await skopeo.RunAsync("copy", "--dest-tls-verify=false", $"oci:{folder}:v1", $"docker://{Host}/team/skopeo:v1");

        Assert.Equal(digest, await _clients.Wire.DigestAsync("team/skopeo", "v1"));
        Explains.MayNotPull(await skopeo.FailAsync("copy", "--src-tls-verify=false", $"docker://{Host}/team/skopeo:v1", $"oci:{_clients.NewFolder()}:v1"));
    }

    [ToolFact("crane")]
    public async Task Crane_PushesAndIsRefusedThePull()
    {
        var crane = await LoggedInAsync("crane", "auth", "login");
        var folder = _clients.NewFolder();
        var digest = Files.WriteLayout(folder, "v1");

        await crane.RunAsync("push", folder, $"{Host}/team/crane:v1");
        await crane.RunAsync("push", folder, $"{Host}/team/crane:v1");

        Assert.Equal(digest, await _clients.Wire.DigestAsync("team/crane", "v1"));
        Assert.Equal("v1\n", (await crane.RunAsync("ls", $"{Host}/team/crane")).Out);
        Explains.MayNotPull(await crane.FailAsync("pull", $"{Host}/team/crane:v1", Path.Combine(folder, "back.tar")));
    }

    [ToolTheory("oras-1.2", "oras-1.3")]
    [InlineData("oras-1.2")]
    [InlineData("oras-1.3")]
    public async Task Oras_PushesAndIsRefusedThePull(string tool)
    {
        var oras = await LoggedInAsync(tool, "login", "--plain-http");
        var (folder, image) = (_clients.NewFolder(), $"{Host}/team/{tool}:v1");
        await File.WriteAllTextAsync(Path.Combine(folder, "small.txt"), "hello world\n");

        await oras.In(folder).RunAsync("push", "--plain-http", image, "small.txt:text/plain");
        await oras.In(folder).RunAsync("push", "--plain-http", image, "small.txt:text/plain");

        Assert.Equal(["v1"], await _clients.Wire.TagsAsync($"team/{tool}"));
        Explains.MayNotPull(await oras.FailAsync("pull", "--plain-http", "--output", _clients.NewFolder(), image));
    }

    [ToolFact("helm-3")]
    public async Task Helm3_PushesAndIsRefusedThePull()
    {
        var helm = await LoggedInAsync("helm-3", "registry", "login");
        var chart = await PackageAsync(helm);

        await helm.RunAsync("push", "--plain-http", chart, $"oci://{Host}/team/helm-3");

        Assert.Equal(["0.1.0"], await _clients.Wire.TagsAsync("team/helm-3/chart"));
        Explains.MayNotPullBriefly(await helm.FailAsync("pull", "--plain-http", $"oci://{Host}/team/helm-3/chart", "--version", "0.1.0", "--destination", _clients.NewFolder()));
    }

    /// <summary>It pushes the manifest by digest, gets it back, and only then tags it.</summary>
    [ToolFact("helm-4")]
    public async Task Helm4_PullsWhatItPushes_AndIsToldThatItMayNot()
    {
        var helm = await LoggedInAsync("helm-4", "registry", "login", "--plain-http");

        Explains.MayNotPull(await helm.FailAsync("push", "--plain-http", await PackageAsync(helm), $"oci://{Host}/team/helm-4"));
    }

    private async Task<string> PackageAsync(Cli helm)
    {
        var folder = _clients.NewFolder();
        await HelmTests.WriteChartAsync(folder, "chart", "0.1.0");
        await helm.In(folder).RunAsync("package", ".");
        return Path.Combine(folder, "chart-0.1.0.tgz");
    }

    private async Task<Cli> LoggedInAsync(string tool, params string[] login)
    {
        var client = _clients.NewClient(tool);
        await client.WithInput(fixture.Key.Secret).RunAsync([.. login, "--username", fixture.Key.Key, "--password-stdin", Host]);
        return client;
    }
}
