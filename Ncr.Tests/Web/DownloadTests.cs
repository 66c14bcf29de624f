using System.Net;
using System.Text.Json.Nodes;
using Ncr.Core.Images;
using Ncr.Tests.Support;
using Ncr.Web;
using Ncr.Web.Downloads;

namespace Ncr.Tests.Web;

/// <summary>Downloads of the artifact's page, with and without a session.</summary>
public sealed class DownloadTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Downloads_WithoutASession_LeadToTheSignIn()
    {
        var (image, pushed, _) = await PushFilesAsync();

        foreach (var url in AddressesOf(image, pushed.Digest))
        {
            using var answer = await fixture.Anonymous.SendRawAsync(HttpMethod.Get, url);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.Contains(ConsoleUrls.SignIn, answer.RequireHeader("Location"), StringComparison.Ordinal);
            using var withKey = await fixture.Http.SendRawAsync(HttpMethod.Get, url); // An access key is for clients, not for pages.
            Assert.Equal(HttpStatusCode.Redirect, withKey.StatusCode);
        }
    }

    [Fact]
    public async Task Downloads_SignedIn_AreTheBytesAndNothingABrowserWouldRun()
    {
        var (image, pushed, contents) = await PushFilesAsync();
        using var http = await fixture.Server.SignInAsync();

        byte[][] expected = [pushed.Body, "{}"u8.ToArray(), contents[0], contents[1], "<script>alert(1)</script>"u8.ToArray()];
        foreach (var (url, bytes) in AddressesOf(image, pushed.Digest).Zip(expected))
        {
            using var answer = await http.SendRawAsync(HttpMethod.Get, url);
            Assert.Equal((HttpStatusCode.OK, "application/octet-stream"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            Assert.StartsWith("attachment", answer.RequireHeader("Content-Disposition"), StringComparison.Ordinal);
            Assert.Equal("nosniff", answer.RequireHeader("X-Content-Type-Options"));
            Assert.Contains("sandbox", answer.RequireHeader("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Download_OfATitleThatIsAPath_KeepsItsLastPart()
    {
        var (image, pushed, _) = await PushFilesAsync();
        using var http = await fixture.Server.SignInAsync();

        using var answer = await http.SendRawAsync(HttpMethod.Get, ConsoleUrls.TitleDownload(image, pushed.Digest, "../../etc/evil.html"));

        Assert.Equal("evil.html", answer.Content.Headers.ContentDisposition!.FileNameStar);
    }

    [Fact]
    public async Task Download_OfAnotherImagesArtifact_IsNotThere()
    {
        var (_, pushed, _) = await PushFilesAsync();
        var (other, _, _) = await PushFilesAsync();
        using var http = await fixture.Server.SignInAsync();

        foreach (var url in AddressesOf(other, pushed.Digest))
        {
            using var answer = await http.SendRawAsync(HttpMethod.Get, url);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        foreach (var rest in new[] { "manifest/none", "layer/none", "layer/none?layer=-1", "layer/none?layer=99", "layer/none?title=no", "file/none?layer=0&entry=-1", "manifest/..%2F..%2Fetc" })
        {
            using var answer = await http.SendRawAsync(HttpMethod.Get, $"/registries/team/downloads/{pushed.Digest}/{rest}");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("a/b\\c.txt", "c.txt")]
    [InlineData("..", "file")]
    [InlineData("", "file")]
    [InlineData(".bashrc", "_bashrc")]
    [InlineData("a\r\nb\"<x>\u202egpj.exe", "a__b__x__gpj.exe")]
    [InlineData("日本.txt", "日本.txt")]
    public void Safe_OfANameThatAStrangerChose_IsOneForAFile(string name, string expected) => Assert.Equal(expected, FileName.Safe(name));

    private static string[] AddressesOf(ImageName image, string digest) =>
    [
        ConsoleUrls.ManifestDownload(image, digest), ConsoleUrls.ConfigDownload(image, digest), ConsoleUrls.LayerDownload(image, digest, 0),
        ConsoleUrls.TitleDownload(image, digest, "../../etc/evil.html"), ConsoleUrls.FileDownload(image, digest, 0, 0),
    ];

    private async Task<(ImageName Image, Support.PushedManifest Pushed, byte[][] Contents)> PushFilesAsync()
    {
        var client = fixture.NewImage();
        byte[][] contents = [new LayerBuilder().File("page.html", "<script>alert(1)</script>").Gzip(), Oci.RandomBytes(300_000)];
        var pushed = await client.PushAsync(new ImageBuilder(config: "{}"u8.ToArray(), layerContents: contents)
        {
            Change = manifest => manifest["layers"]![1]!["annotations"] = new JsonObject { ["org.opencontainers.image.title"] = "../../etc/evil.html" },
        });
        return (ImageName.Parse(client.Name), pushed, contents);
    }
}
