using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Ncr.Tests.Support;
using Ncr.Web;

namespace Ncr.Tests.Browser;

[Collection(BrowserGroup.Name)]
public sealed class ArtifactPageTests(BrowserFixture browser)
{
    [BrowserFact]
    public async Task Tabs_OfAnImage_ShowLayersConfigFilesAndManifest()
    {
        var content = await PushAllAsync();
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(content.Image);
        await page.Button("podman").ClickAsync();
        await Assertions.Expect(page.Locator(".pull pre").First).ToContainTextAsync("podman pull");
        await Assertions.Expect(page.Locator(".attachments .attachments .type")).ToHaveTextAsync([" Signature"]);

        await TabAsync(page, "Layers");
        await Assertions.Expect(page.Locator("tr.no-layer code").First).ToHaveTextAsync("ENV PATH=/usr/bin");
        await page.Link("Files of layer 2").ClickAsync();
        await Assertions.Expect(page.Locator(".file-plain").First).ToContainTextAsync("removed.txt");
        await page.GetByLabel("Layer", new() { Exact = true }).SelectOptionAsync("The whole image");
        await Assertions.Expect(page.GetByText("removed.txt")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Folder etc, level 1" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Look into os-release" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("PRETTY_NAME");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Dialog).GetByText("Download", new() { Exact = true }).ClickAsync());
        Assert.Equal("os-release", download.SuggestedFilename);
        await page.DialogButton("Close").ClickAsync();
        await page.GetByRole(AriaRole.Searchbox).FillAsync("BUSY");
        await Assertions.Expect(page.Locator(".files tbody .file-open")).ToHaveTextAsync(["bin/busybox"]);

        await TabAsync(page, "Config");
        await Assertions.Expect(page.Locator(".panel").First).ToContainTextAsync("/bin/app --serve");
        await TabAsync(page, "Manifest");
        var manifest = await page.RunAndWaitForDownloadAsync(() => page.Link("Download the manifest").ClickAsync());
        Assert.EndsWith("manifest.json", manifest.SuggestedFilename, StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task Compare_ByTheDialog_ShowsWhatDiffers()
    {
        var content = await PushAllAsync();
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(content.Image);
        await page.Button("Compare with…").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox).FillAsync("none");
        await page.DialogButton("Compare").ClickAsync();
        await Assertions.Expect(page.GetByText("The image has no tag 'none'.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox).FillAsync("2.0");
        await page.DialogButton("Compare").ClickAsync();

        await Assertions.Expect(page.GetByText("2 layers shared")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".differences tbody tr").Filter(new() { HasText = "MODE" })).ToContainTextAsync("debug");
    }

    [BrowserFact]
    public async Task Chart_Pushed_ShowsReadmeValuesAndTemplates()
    {
        var content = await PushAllAsync();
        var page = await browser.OpenSignedInAsync();
        await page.GotoAsync(content.Chart + "?tab=chart");

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Web chart" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".command-block")).ToContainTextAsync("--version 1.2.3");
        await Assertions.Expect(page.Locator("pre[aria-label='values.yaml']")).ToContainTextAsync("replicas: 2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Look into templates/deployment.yaml" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("kind: Deployment");
    }

    [BrowserFact]
    public async Task Pages_InEveryLookAndWidth_HaveNoFaultsAndNoScrollBarAcross()
    {
        var content = await PushAllAsync();
        var faults = new List<string>();
        foreach (var (colours, width) in new[] { (ColorScheme.Light, 1280), (ColorScheme.Dark, 800), (ColorScheme.Light, 420) })
        {
            var page = await browser.OpenSignedInAsync(colours);
            await page.SetViewportSizeAsync(width, 900);
            foreach (var url in content.Pages)
            {
                await page.GotoAsync(url);
                await page.WaitForConsoleAsync();
                await Assertions.Expect(page.Locator("[role=status]").Filter(new() { HasText = "Reading" })).ToHaveCountAsync(0);
                faults.AddRange(await page.FindFaultsAsync($"{url} {colours} {width}", onlyColours: colours == ColorScheme.Dark));
                if (await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > document.documentElement.clientWidth"))
                {
                    faults.Add($"{url} at {width} px is wider than the window.");
                }

                await SaveAsync(page, url, colours, width);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static Task TabAsync(IPage page, string name) => page.Locator(".tab-links a").Filter(new() { HasText = name }).First.ClickAsync();

    /// <summary>For people who want to see them: NCR_SHOTS names a folder.</summary>
    private static async Task SaveAsync(IPage page, string url, ColorScheme colours, int width)
    {
        if (Environment.GetEnvironmentVariable("NCR_SHOTS") is { } folder)
        {
            var name = new string([.. url.Split('/', 4)[3].Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{width}-{colours}-{name[..Math.Min(14, name.Length)]}-{name[Math.Max(0, name.Length - 40)..]}.png"), FullPage = true });
        }
    }

    private async Task<Pushed> PushAllAsync()
    {
        var registry = await browser.Server.CreateRegistryAsync();
        using var http = browser.Server.CreateClient();
        var app = new RegistryClient(http, $"{registry}/web/app");
        var lower = new LayerBuilder().Folder("etc/").File("etc/os-release", "NAME=test\nPRETTY_NAME=\"Test\"\n").File("removed.txt", "x").Folder("bin/").File("bin/busybox", Oci.RandomBytes(40_000)).Symlink("bin/sh", "busybox").HardLink("bin/ls", "bin/busybox").Gzip();
        var upper = new LayerBuilder().File(".wh.removed.txt").File("srv/very-long-" + new string('n', 90) + "/tab\there", "t").Zstd();
        var first = await app.PushAsync(new ImageBuilder(config: Config("release"), layerContents: [lower, upper]), "1.0");
        await app.PushAsync(new ImageBuilder(config: Config("debug"), layerContents: [lower, upper, new LayerBuilder().File("new", "n").Gzip()]), "2.0");
        var sbom = await app.PushAsync(new ImageBuilder(1) { ArtifactType = "application/spdx+json", Subject = first.Descriptor() });
        await app.PushAsync(new ImageBuilder(1) { ArtifactType = "application/vnd.dev.cosign.artifact.sig.v1+json", Subject = sbom.Descriptor() });
        var index = await app.PushManifestAsync(Oci.IndexOf([first.Descriptor()]), Oci.Index, "many");

        var chart = await new RegistryClient(http, $"{registry}/charts/web").PushAsync(
            new ImageBuilder(
                config: Encoding.UTF8.GetBytes("""{"name":"web","version":"1.2.3","appVersion":"9.1","description":"A web server","home":"https://example.com","apiVersion":"v2","type":"application","keywords":["http"],"maintainers":[{"name":"Me","email":"me@example.com"}],"dependencies":[{"name":"db","version":"^1.0","repository":"oci://example.com/charts"}]}"""),
                layerContents: [new LayerBuilder().File("web/Chart.yaml", "name: web").File("web/values.yaml", "replicas: 2\n").File("web/README.md", "# Web chart\n\nA [link](https://example.com) and\n\n| Value | Means |\n|---|---|\n| `replicas` | how many |\n").File("web/templates/deployment.yaml", "kind: Deployment\n").Gzip()])
            {
                ConfigType = "application/vnd.cncf.helm.config.v1+json",
                LayerType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            },
            "1.2.3");
        var files = ImageBuilder.Artifact("application/vnd.example.report");
        var thing = await new RegistryClient(http, $"{registry}/reports").PushAsync(
            new ImageBuilder(1, config: "{}"u8.ToArray())
            {
                ArtifactType = files.ArtifactType,
                ConfigType = files.ConfigType,
                LayerType = "text/plain",
                Change = m => m["layers"]![0]!["annotations"] = new JsonObject { ["org.opencontainers.image.title"] = "report.txt" },
            },
            "latest");
        var image = ConsoleUrls.Artifact(registry, "web/app", first.Digest);
        var chartUrl = ConsoleUrls.Artifact(registry, "charts/web", chart.Digest);
        var thingUrl = ConsoleUrls.Artifact(registry, "reports", thing.Digest);
        return new Pushed(
            image,
            chartUrl,
            [
                image, image + "?tab=layers", image + "?tab=files", image + "?tab=files&layer=2", image + "?tab=config", image + "?tab=manifest",
                ConsoleUrls.Artifact(registry, "web/app", index.Digest) + "?tab=contents", chartUrl + "?tab=chart", chartUrl + "?tab=files", thingUrl, thingUrl + "?tab=blobs",
                ConsoleUrls.Compare(registry, "web/app", "1.0", "2.0"), ConsoleUrls.Compare(registry, "web/app", "1.0", "none"),
            ]);
    }

    private static byte[] Config(string mode) => Encoding.UTF8.GetBytes($$$"""
        {"created":"2026-03-04T05:06:07Z","author":"me","os":"linux","architecture":"amd64",
         "config":{"Entrypoint":["/bin/app","--serve"],"Env":["PATH=/usr/bin","MODE={{{mode}}}"],"ExposedPorts":{"8080/tcp":{}},"Labels":{"org.example.long":"{{{new string('v', 200)}}}"}},
         "rootfs":{"type":"layers","diff_ids":[]},
         "history":[{"created_by":"/bin/sh -c #(nop) ADD file:1234 in / "},{"created_by":"ENV PATH=/usr/bin","empty_layer":true},{"created_by":"/bin/sh -c apt-get update && apt-get install -y something-with-a-long-name && rm -rf /var/lib/apt/lists/*"}{{{More(mode)}}}]}
        """);

    private static string More(string mode) => mode == "debug" ? ",{\"created_by\":\"COPY new / # buildkit\"}" : "";

    private sealed record Pushed(string Image, string Chart, IReadOnlyList<string> Pages);
}
