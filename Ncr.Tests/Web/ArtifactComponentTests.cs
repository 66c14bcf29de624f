using Bunit;
using Ncr.Core.Blobs;
using Ncr.Core.Images;
using Ncr.Core.Images.Documents;
using Ncr.Core.Images.Files;
using Ncr.Web.Components.Pages.Images;
using Ncr.Web.Components.Pages.Images.Charts;
using Ncr.Web.Components.Pages.Images.Files;
using Ncr.Web.Components.Shared;

namespace Ncr.Tests.Web;

public sealed class ArtifactComponentTests : ConsoleContext
{
    [Fact]
    public void Layers_WithTheirSteps_ShowStepsWithoutALayerAmongThem()
    {
        var component = Context.Render<ArtifactLayers>(p => p
            .Add(c => c.Layers, [Layer(1), Layer(3)])
            .Add(c => c.History, [new HistoryLine("/bin/sh -c one", null, null, false), new HistoryLine("ENV A=1", null, null, true), new HistoryLine("two", null, null, false)]));

        Assert.Equal(["RUN one", "ENV A=1", "two"], component.FindAll("tbody .made-by > code").Select(c => c.TextContent));
        Assert.Equal("ENV A=1", component.Find("tr.no-layer code").TextContent);
        Assert.Equal(["25%", "75%"], component.FindAll("td.share").Select(c => c.GetAttribute("title")));
    }

    [Fact]
    public void Layers_WithStepsThatDoNotFit_ListBothApart()
    {
        var component = Context.Render<ArtifactLayers>(p => p.Add(c => c.Layers, [Layer(1), Layer(2)]).Add(c => c.History, [new HistoryLine("one", null, null, false)]));

        Assert.Equal(2, component.FindAll("tbody tr").Count);
        Assert.Equal("one", component.Find(".history li").TextContent);
    }

    [Fact]
    public void Pull_ByAnotherClient_ShowsItsCommands()
    {
        var component = Context.Render<ArtifactPull>(p => p.Add(c => c.Commands, [new ClientCommands("docker", "docker pull x:1", "docker pull x@d"), new ClientCommands("podman", null, "podman pull x@d")]));

        Assert.Equal(["docker pull x:1", "docker pull x@d"], component.FindAll("pre").Select(c => c.TextContent));
        component.FindAll(".choice button")[1].Click();
        Assert.Equal(["podman pull x@d"], component.FindAll("pre").Select(c => c.TextContent));
        Assert.Equal("true", component.FindAll(".choice button")[1].GetAttribute("aria-pressed"));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>", "<script")]
    [InlineData("<img src=x onerror=alert(1)>", "<img")]
    [InlineData("![p](https://example.com/p.png)", "<img")]
    [InlineData("[a](javascript:alert(1))", "href")]
    [InlineData("<javascript:alert(1)>", "href")]
    [InlineData("[a](data:text/html,x)", "href")]
    [InlineData("[a](/registries)", "href")]
    [InlineData("[a]: vbscript:x\n\n[a]", "href")]
    public void Markdown_Hostile_DoesNothing(string markdown, string forbidden) => Assert.DoesNotContain(forbidden, MarkdownText.Render(markdown)!, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Markdown_Plain_IsRenderedWithLinksToTheWeb()
    {
        var html = MarkdownText.Render("# Title\n\n[a](https://example.com) ![pic](https://example.com/p.png)\n\n| x | y |\n|---|---|\n| 1 | 2 |")!;

        Assert.Contains("<h3>Title</h3>", html, StringComparison.Ordinal);
        Assert.Contains("href=\"https://example.com\" rel=\"noopener noreferrer nofollow\" target=\"_blank\"", html, StringComparison.Ordinal);
        Assert.Contains(">pic</a>", html, StringComparison.Ordinal);
        Assert.Contains("<table>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_NestedWithoutEnd_IsGivenUp() => Assert.Null(MarkdownText.Render(new string('>', 20_000) + " x"));

    [Fact]
    public void SafeText_WithInvisibleCharacters_ShowsTheirNumbers()
    {
        Assert.Equal("a\\u{9}b\\u{202e}c\\u{0}", SafeText.Show("a\tb\u202ec\0"));
        Assert.Equal("a\n\tb\\u{1b}[31m", SafeText.ShowLines("a\r\n\tb\u001b[31m"));
        Assert.Equal("日本 ü", SafeText.Show("日本 ü"));
    }

    [Theory]
    [InlineData(FileKind.File, "755", "-rwxr-xr-x")]
    [InlineData(FileKind.File, "4755", "-rwsr-xr-x")]
    [InlineData(FileKind.Folder, "1777", "drwxrwxrwt")]
    [InlineData(FileKind.Symlink, "2644", "lrw-r-Sr--")]
    public void Mode_OfAFile_IsAsListsWriteIt(FileKind kind, string mode, string expected) =>
        Assert.Equal(expected, FileText.Mode(new FileRow(1, "x", "x", kind, 0, Convert.ToInt32(mode, 8), "0:0", null, null, 0, 0, 0)));

    private static Descriptor Layer(byte size) => new("application/x", Digest.Sha256([size]), size, null, null);
}
