using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ncr.Tests.Clients;
using Ncr.Tests.Support;

namespace Ncr.Tests.Hosting;

/// <summary>What the program writes about its work, and what it never writes.</summary>
[Collection(ClientGroup.Name)]
public sealed partial class LogTests(DockerDaemon daemon) : IClassFixture<DockerDaemon>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ncr-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Write_ByDefault_LogsPushesAndDeletesInALine_AndNoPulls()
    {
        await using var server = await NcrProcess.StartAsync(_folder, ("NCR__REVERSEPROXY__ADDRESSES", "127.0.0.1"));
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add("X-Request-Id", "from-the-proxy.1");
        var registry = new RegistryClient(client, "team/app");
        await registry.PushAsync(new ImageBuilder(1), "v1");
        using var pulled = await registry.GetAsync("manifests/v1");
        using var missing = await registry.GetAsync("manifests/nosuch");
        using var ready = await client.GetAsync(new Uri("readyz", UriKind.Relative));
        using var deleted = await registry.DeleteAsync("manifests/v1");
        await server.WaitForOutputAsync("DELETE");

        Assert.Equal("from-the-proxy.1", missing.Headers.GetValues("X-Request-Id").Single());
        var lines = server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, l => Push().IsMatch(l));
        Assert.Contains(lines, l => l.Contains("DELETE /v2/team/app/manifests/v1 202", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("GET /", StringComparison.Ordinal) || l.Contains("readyz", StringComparison.Ordinal) || l.Contains("digest=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RequestId_FromAnybody_IsNotBelieved()
    {
        await using var server = await NcrProcess.StartAsync(_folder, ("NCR__REVERSEPROXY__ADDRESSES", "192.0.2.1"), ("NCR__LOGGING__REQUESTS", "All"));
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add("X-Request-Id", "from-nobody");
        using var missing = await new RegistryClient(client, "team/app").GetAsync("manifests/nosuch");
        await server.WaitForOutputAsync("nosuch");

        Assert.NotEqual("from-nobody", missing.Headers.GetValues("X-Request-Id").Single());
        Assert.DoesNotContain("from-nobody", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OfAPullThatWasCut_Says499_AndCountsWhatWasSent()
    {
        await using var server = await NcrProcess.StartAsync(_folder, ("NCR__LOGGING__REQUESTS", "All"), ("NCR__METRICS__ALLOWANONYMOUS", "true"));
        using var client = server.CreateClient();
        var registry = new RegistryClient(client, "team/app");
        var content = Oci.RandomBytes(64 << 20);
        using var pushed = await registry.StartUploadAsync($"?digest={Oci.Digest(content)}", content);
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);

        using (var pull = await client.GetAsync(new Uri($"v2/team/app/blobs/{Oci.Digest(content)}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(HttpStatusCode.OK, pull.StatusCode);
            await using var body = await pull.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[4 << 20]);
        }

        await server.WaitForOutputAsync($"GET /v2/team/app/blobs/{Oci.Digest(content)} 499");
        var metrics = await client.GetStringAsync(new Uri("metrics", UriKind.Relative));
        var sent = metrics.Split('\n').Single(l => l.StartsWith("ncr_sent_bytes_total ", StringComparison.Ordinal)).Split(' ')[1];
        Assert.InRange(double.Parse(sent, null), 1, content.Length - 1);
        Assert.Contains("ncr_request_duration_seconds_count{operation=\"blob_get\",status=\"4xx\"} 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_AtAnyLevel_HoldsNoQuery()
    {
        await using var server = await NcrProcess.StartAsync(
            _folder, ("LOGGING__LOGLEVEL__DEFAULT", "Trace"), ("LOGGING__LOGLEVEL__MICROSOFT.ASPNETCORE", "Trace"), ("LOGGING__CONSOLE__LOGLEVEL__DEFAULT", "Trace"),
            ("LOGGING__LOGLEVEL__MICROSOFT.ASPNETCORE.HOSTING.DIAGNOSTICS", "Trace"), ("NCR__LOGGING__REQUESTS", "All"));
        using var client = server.CreateClient();
        foreach (var path in new[] { "setup?code=hush-code", "sign-in?returnUrl=%2Fhush-page", "registries?search=hush-text", "v2/team/app/manifests/v1?password=hush-word", "auth/token?service=ncr&account=hush-name", "healthz?hush-health", "nosuch?hush-lost" })
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        }

        await server.WaitForOutputAsync("auth/token");

        Assert.Contains("trace ", server.Output, StringComparison.Ordinal); // It is as talkative as it was told to be.
        Assert.DoesNotContain("hush-", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_AsJsonOfAllRequests_IsAnObjectALine()
    {
        await using var server = await NcrProcess.StartAsync(_folder, ("NCR__LOGGING__FORMAT", "Json"), ("NCR__LOGGING__REQUESTS", "All"));
        using var client = server.CreateClient();
        using var answer = await client.GetAsync(new Uri("v2/team/a%0Ab/manifests/v1?password=hush", UriKind.Relative));
        await server.WaitForOutputAsync("manifests");

        var entries = server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();

        var request = entries.Single(e => e.GetProperty("Category").GetString() == "Ncr.Registry.Requests");
        Assert.Equal("GET", request.GetProperty("State").GetProperty("Method").GetString());
        Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), request.GetProperty("State").GetProperty("RequestId").GetString());
        Assert.DoesNotContain("hush", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_WithNothingWanted_IsSilent()
    {
        await using var server = await NcrProcess.StartAsync(_folder, ("NCR__LOGGING__REQUESTS", "None"));
        using var client = server.CreateClient();
        await new RegistryClient(client, "team/app").PushAsync(new ImageBuilder(1), "v1");
        await Task.Delay(500);

        Assert.DoesNotContain("/v2/", server.Output, StringComparison.Ordinal);
    }

    [ToolFact("docker", "dockerd", "busybox")]
    public async Task Write_WithEverythingAtDebug_HoldsNoSecret()
    {
        await using var server = await NcrProcess.StartAsync(
            _folder, ("LOGGING__LOGLEVEL__DEFAULT", "Debug"), ("LOGGING__LOGLEVEL__MICROSOFT.ASPNETCORE", "Debug"), ("LOGGING__LOGLEVEL__MICROSOFT.ENTITYFRAMEWORKCORE", "Debug"), ("NCR__LOGGING__REQUESTS", "All"));
        using var client = server.CreateClient();
        var docker = await daemon.NewClientAsync();
        await docker.WithInput(NcrProcess.SecretKey).RunAsync("login", server.Host, "--username", NcrProcess.AccessKey, "--password-stdin");
        var image = $"{server.Host}/team/app:v1";
        var tar = await Files.WriteTarAsync(_folder, "content");
        await docker.RunAsync("import", tar, image);
        await docker.RunAsync("push", image);
        using var given = await client.GetAsync(new Uri("auth/token?service=ncr&scope=repository:team/app:pull", UriKind.Relative));
        var token = (await given.ReadJsonAsync()).GetProperty("token").GetString()!;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var pulled = await client.GetAsync(new Uri("v2/team/app/manifests/v1", UriKind.Relative));
        pulled.EnsureSuccessStatusCode();
        await SignInAsync(server);
        await docker.RunAsync("logout", server.Host);
        await docker.RunAsync("rmi", "--force", image);

        var log = server.Output;

        Assert.Contains("debug ", log, StringComparison.Ordinal); // It is as talkative as it was told to be.
        Assert.Contains("manifests/v1", log, StringComparison.Ordinal);
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{NcrProcess.AccessKey}:{NcrProcess.SecretKey}"));
        Assert.All([NcrProcess.SecretKey, NcrProcess.Password, "correct+horse", "correct%20horse", token, token[..24], basic, basic[..24], "Authorization:"],
            secret => Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task SignInAsync(NcrProcess server)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Url };
        var page = await http.GetStringAsync(new Uri("sign-in", UriKind.Relative));
        var fields = Hidden().Matches(page).ToDictionary(m => m.Groups[1].Value, m => WebUtility.HtmlDecode(m.Groups[2].Value));
        fields["Input.User"] = "admin";
        fields["Input.Password"] = NcrProcess.Password;
        using var form = new FormUrlEncodedContent(fields);
        using var answer = await http.PostAsync(new Uri("sign-in", UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    [GeneratedRegex("""^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info  Requests: PUT /v2/team/app/manifests/v1 201, \d+ bytes in \d+ ms, user admin, key testkey0000000000001, from 127\.0\.0\.1 \(from-the-proxy\.1\)\r?$""")]
    private static partial Regex Push();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*name=\"([^\"]+)\"[^>]*value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
