using System.Text.RegularExpressions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

[Collection(ClientGroup.Name)]
public sealed partial class HelmTests(ClientFixture fixture) : IClassFixture<ClientFixture>
{
    private NcrServer Server => fixture.Server;

    [ToolTheory("helm-3", "helm-4")]
    [InlineData("helm-3")]
    [InlineData("helm-4")]
    public async Task PushAndPull_Chart_ComesBackUnchanged(string tool)
    {
        var helm = await LoggedInAsync(tool);
        var (archive, target) = (await PackageAsync(helm, "chart", "0.1.0"), fixture.NewFolder());

        var pushed = await helm.RunAsync("push", "--plain-http", archive, Registry(tool));
        var pulled = await helm.RunAsync("pull", "--plain-http", $"{Registry(tool)}/chart", "--version", "0.1.0", "--destination", target);

        var digest = await fixture.Wire.DigestAsync($"team/{tool}/chart", "0.1.0");
        Assert.Equal(digest, Digest(pushed));
        Assert.Equal(digest, Digest(pulled));
        Assert.Equal(await Files.HashAsync(archive), await Files.HashAsync(Path.Combine(target, "chart-0.1.0.tgz")));
        var manifest = await fixture.Wire.ManifestJsonAsync($"team/{tool}/chart", "0.1.0");
        Assert.Equal("application/vnd.cncf.helm.config.v1+json", manifest.GetProperty("config").GetProperty("mediaType").GetString());
    }

    [ToolTheory("helm-3", "helm-4")]
    [InlineData("helm-3")]
    [InlineData("helm-4")]
    public async Task Template_FromTheRegistry_RendersTheChart(string tool)
    {
        var helm = await LoggedInAsync(tool);
        await helm.RunAsync("push", "--plain-http", await PackageAsync(helm, "rendered", "1.2.3"), Registry(tool));

        var rendered = await helm.RunAsync(
            "template", "myrelease", "--plain-http", $"{Registry(tool)}/rendered", "--version", "1.2.3", "--set", "greeting=hello");
        var shown = await helm.RunAsync("show", "chart", "--plain-http", $"{Registry(tool)}/rendered", "--version", "1.2.3");

        Assert.Contains("name: myrelease-rendered", rendered.Out, StringComparison.Ordinal);
        Assert.Contains("greeting: hello", rendered.Out, StringComparison.Ordinal);
        Assert.Contains("version: 1.2.3", shown.Out, StringComparison.Ordinal);
    }

    [ToolTheory("helm-3", "helm-4")]
    [InlineData("helm-3")]
    [InlineData("helm-4")]
    public async Task Pull_WithoutVersion_TakesTheNewest(string tool)
    {
        var helm = await LoggedInAsync(tool);
        var target = fixture.NewFolder();
        // Newest by version, neither last pushed nor last by name.
        foreach (var version in new[] { "0.9.0", "0.10.0+build.7", "0.2.0" })
        {
            await helm.RunAsync("push", "--plain-http", await PackageAsync(helm, "versions", version), Registry(tool));
        }

        await helm.RunAsync("pull", "--plain-http", $"{Registry(tool)}/versions", "--destination", target);

        // A tag has no '+': helm writes '_' for it.
        Assert.Equal(["0.10.0_build.7", "0.2.0", "0.9.0"], await fixture.Wire.TagsAsync($"team/{tool}/versions"));
        Assert.Equal(["versions-0.10.0+build.7.tgz"], Directory.GetFiles(target).Select(f => Path.GetFileName(f)));
    }

    [ToolTheory("helm-3", "helm-4")]
    [InlineData("helm-3")]
    [InlineData("helm-4")]
    public async Task LoginPushAndPull_WrongPasswordLoggedOutOrUnknownRegistry_AreRefused(string tool)
    {
        var helm = await LoggedInAsync(tool);
        var archive = await PackageAsync(helm, "refused", "0.1.0");

        var unknown = await helm.FailAsync("push", "--plain-http", archive, $"oci://{Server.Host}/nosuch");

        if (tool == "helm-3")
        {
            Explains.UnknownRegistryBriefly(unknown);
        }
        else
        {
            Explains.UnknownRegistry(unknown);
        }

        Explains.WrongPassword(await LoginAsync(helm, tool, "wrong"));
        await helm.RunAsync("registry", "logout", Server.Host);
        Explains.NotLoggedIn(await helm.FailAsync("push", "--plain-http", archive, Registry(tool)));
    }

    private string Registry(string tool) => $"oci://{Server.Host}/team/{tool}";

    private async Task<Cli> LoggedInAsync(string tool)
    {
        var helm = fixture.NewClient(tool);
        var result = await LoginAsync(helm, tool, Server.SecretKey);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("Login Succeeded", result.All, StringComparison.Ordinal);
        return helm;
    }

    // 3.17 takes plain HTTP on this machine's own addresses by itself and has no flag for it.
    private Task<CliResult> LoginAsync(Cli helm, string tool, string password) =>
        helm.WithInput(password).TryAsync(
            ["registry", "login", .. tool == "helm-3" ? Array.Empty<string>() : ["--plain-http"],
                "--username", Server.AccessKey, "--password-stdin", Server.Host]);

    private async Task<string> PackageAsync(Cli helm, string name, string version)
    {
        var folder = fixture.NewFolder();
        await WriteChartAsync(folder, name, version);
        await helm.In(folder).RunAsync("package", ".");
        return Path.Combine(folder, $"{name}-{version}.tgz");
    }

    internal static async Task WriteChartAsync(string folder, string name, string version)
    {
        Directory.CreateDirectory(Path.Combine(folder, "templates"));
        await File.WriteAllTextAsync(Path.Combine(folder, "Chart.yaml"), $"apiVersion: v2\nname: {name}\nversion: {version}\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "values.yaml"), "greeting: nothing\n");
        await File.WriteAllTextAsync(
            Path.Combine(folder, "templates", "map.yaml"),
            """
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: {{ .Release.Name }}-{{ .Chart.Name }}
            data:
              greeting: {{ .Values.greeting }}
            """);
    }

    internal static string Digest(CliResult result)
    {
        var match = DigestLine().Match(result.All);
        Assert.True(match.Success, $"helm should have printed the digest.\n{result}");
        return match.Groups[1].Value;
    }

    [GeneratedRegex("Digest: (sha256:[0-9a-f]{64})")]
    private static partial Regex DigestLine();
}
