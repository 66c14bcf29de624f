using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Ncr.Tests.Support;

namespace Ncr.Tests.Hosting;

/// <summary>Stops the program itself with signals while clients work with it.</summary>
public sealed class StopTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ncr-stop-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Stop_WithAnUploadThatEndsInTime_LetsItEnd_AndTakesNothingNew(string signal)
    {
        var content = RandomNumberGenerator.GetBytes(300_000);
        await using var server = await NcrProcess.StartAsync(_folder);
        using var client = server.CreateClient();
        var upload = await BeginAsync(client);
        var body = new PacedContent(content, chunk: 3_000, pause: TimeSpan.FromMilliseconds(50));
        var push = client.PutAsync(new Uri($"{upload}?digest={DigestOf(content)}", UriKind.Relative), body);
        await body.HalfSent;

        await server.SignalAsync(signal);
        while (await TakesConnectionsAsync(server))
        {
            Assert.False(push.IsCompleted, "It took connections until the upload had ended.");
            await Task.Delay(20);
        }

        var wasUnderWay = !push.IsCompleted;
        using var answer = await push;

        Assert.True(wasUnderWay, "The upload had ended before.");
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(0, await server.WaitForExitAsync());
        await using var again = await NcrProcess.StartAsync(_folder);
        using var reader = again.CreateClient();
        Assert.Equal(content, await reader.GetByteArrayAsync(new Uri($"/v2/team/app/blobs/{DigestOf(content)}", UriKind.Relative)));
    }

    [Fact]
    public async Task Stop_WithASlowUpload_CutsIt_AndItGoesOnAfterTheRestart()
    {
        var content = RandomNumberGenerator.GetBytes(6_000_000);
        await using var server = await NcrProcess.StartAsync(_folder, ("NCR__SHUTDOWNTIMEOUT", "00:00:01"));
        using var client = server.CreateClient();
        var upload = await BeginAsync(client);
        var body = new PacedContent(content, chunk: 100_000, pause: TimeSpan.FromMilliseconds(100));
        var push = client.PatchAsync(new Uri(upload, UriKind.Relative), body);
        await body.HalfSent;
        var since = Stopwatch.StartNew();

        await server.SignalAsync("TERM");
        await Assert.ThrowsAsync<HttpRequestException>(() => push);

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.InRange(since.Elapsed, TimeSpan.FromSeconds(0.8), TimeSpan.FromSeconds(8));
        await using var again = await NcrProcess.StartAsync(_folder);
        using var second = again.CreateClient();
        using var status = await second.GetAsync(new Uri(upload, UriKind.Relative));
        var offset = int.Parse(status.Headers.GetValues("Range").Single()["0-".Length..], null) + 1;
        Assert.InRange(offset, 1_000_000, content.Length - 1);
        using var rest = new ByteArrayContent(content[offset..]);
        using var answer = await second.PutAsync(new Uri($"{upload}?digest={DigestOf(content)}", UriKind.Relative), rest);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(content, await second.GetByteArrayAsync(new Uri($"/v2/team/app/blobs/{DigestOf(content)}", UriKind.Relative)));
    }

    [Fact]
    public async Task Stop_WithAnOpenPage_DoesNotWaitForIt()
    {
        await using var server = await NcrProcess.StartAsync(_folder);
        using var http = new HttpClient { BaseAddress = server.Url };
        using var negotiated = await http.PostAsync(new Uri("_blazor/negotiate?negotiateVersion=1", UriKind.Relative), null);
        negotiated.EnsureSuccessStatusCode();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{server.Host}/_blazor"), CancellationToken.None);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, CancellationToken.None);
        await socket.ReceiveAsync(new byte[1024], CancellationToken.None);
        var since = Stopwatch.StartNew();

        await server.SignalAsync("TERM");

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.InRange(since.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Stop_ByASecondInterrupt_EndsAtOnce()
    {
        await using var server = await NcrProcess.StartAsync(_folder, ("NCR__SHUTDOWNTIMEOUT", "00:05:00"));
        using var client = server.CreateClient();
        var upload = await BeginAsync(client);
        var body = new PacedContent(new byte[1_000_000], chunk: 1_000, pause: TimeSpan.FromMilliseconds(100));
        var push = client.PatchAsync(new Uri(upload, UriKind.Relative), body);
        await body.Begun;
        await server.SignalAsync("INT");
        await Task.Delay(500);
        var since = Stopwatch.StartNew();

        await server.SignalAsync("INT");

        Assert.Equal(130, await server.WaitForExitAsync());
        Assert.InRange(since.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<HttpRequestException>(() => push);
    }

    [Fact]
    public async Task Stop_RightAfterAPull_KeepsItsCount()
    {
        await using (var server = await NcrProcess.StartAsync(_folder))
        {
            using var client = server.CreateClient();
            var manifest = await PushEmptyArtifactAsync(client);
            using var pull = await client.GetAsync(manifest);
            pull.EnsureSuccessStatusCode();
            await server.SignalAsync("TERM");
            Assert.Equal(0, await server.WaitForExitAsync());
        }

        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder, "ncr.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT SUM(PullCount) FROM Images";
        Assert.Equal(1L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Start_UnderSystemd_TellsItWhenItIsReadyAndWhenItStops()
    {
        var path = Path.Combine(_folder, "notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
        socket.Bind(new UnixDomainSocketEndPoint(path));
        await using var server = await NcrProcess.StartAsync(Path.Combine(_folder, "data"), ("NOTIFY_SOCKET", path));
        var message = new byte[256];

        Assert.Contains("READY=1", Encoding.UTF8.GetString(message, 0, socket.Receive(message)), StringComparison.Ordinal);
        await server.SignalAsync("TERM");
        Assert.Contains("STOPPING=1", Encoding.UTF8.GetString(message, 0, socket.Receive(message)), StringComparison.Ordinal);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    private static async Task<string> BeginAsync(HttpClient client)
    {
        using var begun = await client.PostAsync(new Uri("/v2/team/app/blobs/uploads/", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        return begun.Headers.Location!.OriginalString;
    }

    private static async Task<Uri> PushEmptyArtifactAsync(HttpClient client)
    {
        var config = "{}"u8.ToArray();
        using var blob = new ByteArrayContent(config);
        using var pushed = await client.PostAsync(new Uri($"/v2/team/app/blobs/uploads/?digest={DigestOf(config)}", UriKind.Relative), blob);
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        var address = new Uri("/v2/team/app/manifests/latest", UriKind.Relative);
        using var manifest = new StringContent($$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{{DigestOf(config)}}","size":2},"layers":[]}""");
        manifest.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.oci.image.manifest.v1+json");
        using var answer = await client.PutAsync(address, manifest);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return address;
    }

    private static string DigestOf(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";

    private static async Task<bool> TakesConnectionsAsync(NcrProcess server)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(server.Url.Host, server.Url.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A body that comes slowly.</summary>
    private sealed class PacedContent(byte[] content, int chunk, TimeSpan pause) : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _half = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public Task HalfSent => _half.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var at = 0; at < content.Length; at += chunk)
            {
                await stream.WriteAsync(content.AsMemory(at, Math.Min(chunk, content.Length - at)));
                await stream.FlushAsync();
                _begun.TrySetResult();
                if (at >= content.Length / 2)
                {
                    _half.TrySetResult();
                }

                await Task.Delay(pause);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = content.Length;
            return true;
        }
    }
}
