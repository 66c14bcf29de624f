using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ncr.Core.Images;
using Ncr.Tests.Support;
using Ncr.Web;
using Ncr.Web.Downloads;

namespace Ncr.Tests.Web;

/// <summary>Downloads of the artifact's page, with and without a session.</summary>
public sealed partial class DownloadTests(ServerFixture fixture) : IClassFixture<ServerFixture>
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
        using var http = await SignInAsync();

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
        using var http = await SignInAsync();

        using var answer = await http.SendRawAsync(HttpMethod.Get, ConsoleUrls.TitleDownload(image, pushed.Digest, "../../etc/evil.html"));

        Assert.Equal("evil.html", answer.Content.Headers.ContentDisposition!.FileNameStar);
    }

    [Fact]
    public async Task Download_OfAnotherImagesArtifact_IsNotThere()
    {
        var (_, pushed, _) = await PushFilesAsync();
        var (other, _, _) = await PushFilesAsync();
        using var http = await SignInAsync();

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

    private async Task<HttpClient> SignInAsync()
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = fixture.Server.Url };
        var page = await http.GetStringAsync(new Uri(ConsoleUrls.SignIn, UriKind.Relative));
        var fields = Hidden().Matches(page).ToDictionary(m => m.Groups[1].Value, m => WebUtility.HtmlDecode(m.Groups[2].Value));
        fields["Input.User"] = fixture.Server.UserName;
        fields["Input.Password"] = fixture.Server.Password;
        using var form = new FormUrlEncodedContent(fields);
        using var answer = await http.PostAsync(new Uri(ConsoleUrls.SignIn, UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return http;
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
