using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>
/// The commands of the user guide, in its order. Passwords come from standard input instead of a prompt, and where a client wants to
/// be told about plain HTTP it is.
/// </summary>
[Collection(ClientGroup.Name)]
public sealed class UserGuideTests(ClientFixture fixture, DockerDaemon daemon) : IClassFixture<ClientFixture>, IClassFixture<DockerDaemon>
{
    private NcrServer Server => fixture.Server;

    private string Registry => $"{fixture.Server.Host}/team";

    [ToolFact("docker", "dockerd")]
    public async Task Docker_LoginTagPushPull_AsInTheGuide()
    {
        var docker = await daemon.NewClientAsync();
        await docker.RunAsync("import", await Files.WriteTarAsync(fixture.NewFolder(), "hello"), "ubuntu:18.04");
        var id = (await docker.RunAsync("images", "--quiet", "--no-trunc", "ubuntu:18.04")).Out;

        var login = await docker.WithInput(Server.SecretKey).RunAsync("login", Server.Host, "--username", Server.AccessKey, "--password-stdin");
        await docker.RunAsync("tag", "ubuntu:18.04", $"{Registry}/ubuntu:18.04");
        var push = await docker.RunAsync("push", $"{Registry}/ubuntu:18.04");
        await docker.RunAsync("rmi", "ubuntu:18.04", $"{Registry}/ubuntu:18.04");
        var pull = await docker.RunAsync("pull", $"{Registry}/ubuntu:18.04");
        var images = await docker.RunAsync("images", "--quiet", "--no-trunc", $"{Registry}/ubuntu");

        var digest = await fixture.Wire.DigestAsync("team/ubuntu", "18.04");
        Assert.Contains("Login Succeeded", login.Out, StringComparison.Ordinal);
        Assert.Contains($"18.04: digest: {digest} size: ", push.Out, StringComparison.Ordinal);
        Assert.Contains($"Digest: {digest}", pull.Out, StringComparison.Ordinal);
        Assert.Contains($"Status: Downloaded newer image for {Registry}/ubuntu:18.04", pull.Out, StringComparison.Ordinal);
        Assert.Equal(id, images.Out);
    }

    [ToolTheory("helm-3", "helm-4")]
    [InlineData("helm-3")]
    [InlineData("helm-4")]
    public async Task Helm_LoginPackagePushInstallPull_AsInTheGuide(string tool)
    {
        var (helm, name, folder) = (fixture.NewClient(tool), "guide" + tool, fixture.NewFolder());
        await HelmTests.WriteChartAsync(folder, name, "0.1.0");
        string[] plainHttp = tool == "helm-3" ? [] : ["--plain-http"];

        var login = await helm.WithInput(Server.SecretKey).RunAsync(
            ["registry", "login", Server.Host, "--username", Server.AccessKey, "--password-stdin", .. plainHttp]);
        await helm.In(folder).RunAsync("package", ".");
        var push = await helm.In(folder).RunAsync("push", $"{name}-0.1.0.tgz", $"oci://{Registry}", "--plain-http");
        // There is no Kubernetes here: as far as it goes without one, which for 3 is another command.
        string[] install = tool == "helm-3" ? ["template"] : ["install", "--dry-run=client"];
        var installed = await helm.RunAsync([.. install, "myrelease", $"oci://{Registry}/{name}", "--version", "0.1.0", "--plain-http"]);
        var pull = await helm.RunAsync("pull", $"oci://{Registry}/{name}", "--version", "0.1.0", "--plain-http");

        var digest = await fixture.Wire.DigestAsync($"team/{name}", "0.1.0");
        Assert.Contains("Login Succeeded", login.All, StringComparison.Ordinal);
        Assert.Contains($"Pushed: {Registry}/{name}:0.1.0", push.All, StringComparison.Ordinal);
        Assert.Equal(digest, HelmTests.Digest(push));
        Assert.Contains($"name: myrelease-{name}", installed.Out, StringComparison.Ordinal);
        Assert.Contains($"Pulled: {Registry}/{name}:0.1.0", pull.All, StringComparison.Ordinal);
        Assert.Equal(digest, HelmTests.Digest(pull));
        Assert.Equal(
            await Files.HashAsync(Path.Combine(folder, $"{name}-0.1.0.tgz")), await Files.HashAsync(Path.Combine(helm.WorkingDirectory!, $"{name}-0.1.0.tgz")));
    }

    [ToolTheory("oras-1.2", "oras-1.3")]
    [InlineData("oras-1.2")]
    [InlineData("oras-1.3")]
    public async Task Oras_LoginPushPull_AsInTheGuide(string tool)
    {
        var (oras, image, target) = (fixture.NewClient(tool), $"{Registry}/hello-{tool}:v1", fixture.NewFolder());
        await File.WriteAllTextAsync(Path.Combine(oras.WorkingDirectory!, "artifact.txt"), "hello world\n");

        var login = await oras.WithInput(Server.SecretKey).RunAsync("login", Server.Host, "--username", Server.AccessKey, "--password-stdin", "--plain-http");
        var push = await oras.RunAsync("push", image, "artifact.txt", "--plain-http");
        var pull = await oras.In(target).RunAsync("pull", image, "--plain-http");

        var digest = await fixture.Wire.DigestAsync($"team/hello-{tool}", "v1");
        Assert.Contains("Login Succeeded", login.All, StringComparison.Ordinal);
        Assert.Contains($"Pushed [registry] {image}", push.Out, StringComparison.Ordinal);
        Assert.Contains($"Digest: {digest}", push.Out, StringComparison.Ordinal);
        Assert.Contains($"Pulled [registry] {image}", pull.Out, StringComparison.Ordinal);
        Assert.Contains($"Digest: {digest}", pull.Out, StringComparison.Ordinal);
        Assert.Equal("hello world\n", await File.ReadAllTextAsync(Path.Combine(target, "artifact.txt")));
    }

    [ToolTheory("cosign-2", "cosign-3", "crane")]
    [InlineData("cosign-2")]
    [InlineData("cosign-3")]
    public async Task Cosign_GenerateSignVerify_AsInTheGuide(string tool)
    {
        var (cosign, image, layout) = (fixture.NewClient(tool, ("COSIGN_PASSWORD", "a password")), $"{Registry}/busybox-{tool}:latest", fixture.NewFolder());
        var digest = Files.WriteLayout(layout, "latest");
        await fixture.NewCrane().RunAsync("push", layout, image);
        ClientFixture.LogIn(cosign, Server);
        // No transparency log is in reach.
        string[] offline = tool == "cosign-2" ? ["--tlog-upload=false"] : ["--tlog-upload=false", "--use-signing-config=false"];

        await cosign.RunAsync("generate-key-pair");
        await cosign.RunAsync(["sign", "--key", "cosign.key", image, "--yes", .. offline]);
        var verify = await cosign.RunAsync("verify", "--key", "cosign.pub", image, "--insecure-ignore-tlog");

        Assert.Contains($"Verification for {image} --", verify.Error, StringComparison.Ordinal);
        Assert.Contains("The signatures were verified against the specified public key", verify.Error, StringComparison.Ordinal);
        Assert.Contains($"\"docker-manifest-digest\":\"{digest}\"", verify.Out, StringComparison.Ordinal);
    }
}
