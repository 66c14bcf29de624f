using System.Net;
using System.Net.Sockets;
using System.Text;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registry;

public sealed class ErrorTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Blob = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("POST", "/v2/", "GET")]
    [InlineData("DELETE", "/v2/", "GET")]
    [InlineData("POST", "/v2/_catalog", "GET")]
    [InlineData("DELETE", "/v2/_catalog", "GET")]
    [InlineData("POST", "/v2/team/app/tags/list", "GET")]
    [InlineData("DELETE", "/v2/team/app/tags/list", "GET")]
    [InlineData("PUT", "/v2/team/app/referrers/" + Blob, "GET")]
    [InlineData("POST", "/v2/team/app/manifests/latest", "GET HEAD PUT DELETE")]
    [InlineData("PATCH", "/v2/team/app/manifests/latest", "GET HEAD PUT DELETE")]
    [InlineData("PUT", "/v2/team/app/blobs/" + Blob, "GET HEAD DELETE")]
    [InlineData("POST", "/v2/team/app/blobs/" + Blob, "GET HEAD DELETE")]
    [InlineData("PUT", "/v2/team/app/blobs/uploads/", "POST")]
    [InlineData("GET", "/v2/team/app/blobs/uploads/", "POST")]
    [InlineData("POST", "/v2/team/app/blobs/uploads/0197b9a3-6f3e-7c5b-8d55-0b1f6a1c2d3e", "GET PATCH PUT DELETE")]
    [InlineData("OPTIONS", "/v2/team/app/manifests/latest", "GET HEAD PUT DELETE")]
    public async Task Request_WithAMethodThatIsNotServed_Answers405WithAllow(string method, string path, string allowed)
    {
        using var response = await fixture.Http.SendRawAsync(new HttpMethod(method), path, method is "GET" or "OPTIONS" ? null : new ByteArrayContent([]));

        await response.AssertErrorAsync(HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        var allow = response.RequireHeader("Allow").Split(',', StringSplitOptions.TrimEntries);
        Assert.All(allowed.Split(' '), m => Assert.Contains(m, allow));
        Assert.DoesNotContain(method, allow);
    }

    [Theory]
    [InlineData("/v2/nonsense")]
    [InlineData("/v2/team/app")]
    [InlineData("/v2/team/app/nonsense")]
    [InlineData("/v2/team/app/manifests")]
    [InlineData("/v2/team/app/manifests/")]
    [InlineData("/v2/team/app/tags")]
    [InlineData("/v2/team/app/blobs/")]
    [InlineData("/v2/team/app/manifests/latest/more")]
    public async Task Get_OfAPathThatIsNotServed_Answers404AsJson(string path)
    {
        using var response = await fixture.Http.SendRawAsync(HttpMethod.Get, path, null, ("Accept", "text/html"));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty((await response.ReadJsonAsync()).GetProperty("errors").EnumerateArray());
        Assert.Equal("registry/2.0", response.RequireHeader("Docker-Distribution-API-Version"));
    }

    [Theory]
    [InlineData("GET", "/v2/")]
    [InlineData("GET", "/v2/team/app/tags/list")]
    [InlineData("PUT", "/v2/team/app/manifests/latest")]
    [InlineData("GET", "/auth/token?service=ncr")]
    public async Task Request_OfABrowserWithoutCredentials_IsNeverSentToSignIn(string method, string path)
    {
        using var response = await fixture.Anonymous.SendRawAsync(new HttpMethod(method), path, null, ("Accept", "text/html,application/xhtml+xml"), ("Sec-Fetch-Mode", "navigate"));

        await response.AssertErrorAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Null(response.Header("Location"));
        Assert.Null(response.Header("Set-Cookie"));
    }

    [Theory]
    [InlineData("GET", "/v2/team/..%2f..%2fetc/manifests/latest")]
    [InlineData("GET", "/v2/team/app/manifests/..%2f..%2fpasswd")]
    [InlineData("GET", "/v2/team/%ff%fe/tags/list")]
    [InlineData("GET", "/v2//app/tags/list")]
    [InlineData("GET", "/v2/team//tags/list")]
    [InlineData("GET", "/v2/team/app/tags/list?n=%00&last=%ff")]
    [InlineData("GET", "/v2/team/app/tags/list?n=1&n=2")]
    [InlineData("GET", "/v2/_catalog?last=%27%3B+DROP+TABLE+Images%3B--")]
    [InlineData("POST", "/v2/team/app/blobs/uploads/?mount=&from=")]
    [InlineData("POST", "/v2/team/app/blobs/uploads/?digest=a&digest=b")]
    [InlineData("PUT", "/v2/team/app/manifests/sha256:")]
    [InlineData("DELETE", "/v2/team/app/blobs/sha256:")]
    public async Task Request_ThatIsOdd_IsAnsweredInJsonAndNeverWith500(string method, string path)
    {
        using var response = await fixture.Http.SendRawAsync(new HttpMethod(method), path, method is "GET" ? null : new ByteArrayContent([]));

        Assert.True((int)response.StatusCode is >= 200 and < 500, $"{(int)response.StatusCode}");
        var body = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("<html", body, StringComparison.OrdinalIgnoreCase);
        if ((int)response.StatusCode >= 400)
        {
            Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
            Assert.NotEmpty((await response.ReadJsonAsync()).GetProperty("errors").EnumerateArray());
        }
    }

    [Fact]
    public async Task Error_HasCodeMessageAndDetail()
    {
        var image = fixture.NewImage();
        await image.PushAsync(new ImageBuilder(), "v1");

        using var response = await image.GetAsync("manifests/missing");

        var error = Assert.Single(await response.AssertErrorAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN", "missing"));
        Assert.Matches("^[A-Z_]+$", error.GetProperty("code").GetString());
        Assert.True(error.TryGetProperty("detail", out _));
        Assert.True(response.Content.Headers.ContentLength > 0);
    }

    [Theory]
    [InlineData(401, "/v2/", false)]
    [InlineData(401, "/v2/team/app/manifests/latest", false)]
    [InlineData(404, "/v2/team/app/manifests/latest", true)]
    [InlineData(404, "/v2/team/app/blobs/" + Blob, true)]
    [InlineData(400, "/v2/team/app/blobs/sha256:short", true)]
    [InlineData(404, "/v2/nonsense", true)]
    public async Task Head_Refused_HasNoBodyOnTheWire(int status, string path, bool authenticated)
    {
        var server = fixture.Server;
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{server.AccessKey}:{server.SecretKey}"));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Url.Host, server.Url.Port);
        await using var stream = tcp.GetStream();
        var authorization = authenticated ? $"Authorization: Basic {basic}\r\n" : "";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HEAD {path} HTTP/1.1\r\nHost: {server.Host}\r\n{authorization}Connection: close\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(answer.Length - 4, answer.IndexOf("\r\n\r\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Put_RefusedWhileItsBodyIsSent_StillReadsItsAnswer()
    {
        // A refusal must reach a client that is in the middle of sending, not cut it off.
        var image = new RegistryClient(fixture.Http, "nobody-made-this/app");

        using var response = await image.StartUploadAsync("?digest=" + Oci.UnknownDigest(), new byte[8 * 1024 * 1024]);

        await response.AssertErrorAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN");
    }
}
