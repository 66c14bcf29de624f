using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>A real nginx with the very settings that docs/operations.md recommends.</summary>
[Collection(ClientGroup.Name)]
public sealed class ReverseProxyTests(ClientFixture fixture, DockerDaemon daemon) : IClassFixture<ClientFixture>, IClassFixture<DockerDaemon>
{
    private const int LayerMegabytes = 100;

    [ToolFact("nginx", "docker", "dockerd", "busybox", "skopeo")]
    public async Task PushAndPull_ThroughNginx_WorksAndIsNeitherLimitedNorBuffered()
    {
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:ReverseProxy:Addresses"] = "127.0.0.1");
        var (folder, host) = (fixture.NewFolder(), $"127.0.0.1:{Ports.Free().ToString(CultureInfo.InvariantCulture)}");
        await using var nginx = await StartAsync(folder, host, server);
        var docker = await daemon.NewClientAsync();
        var image = $"{host}/team/behind:v1";
        var context = fixture.NewFolder();
        await Files.WriteContextAsync(context, LayerMegabytes);

        await docker.WithInput(server.SecretKey).RunAsync("login", host, "--username", server.AccessKey, "--password-stdin");
        await docker.RunAsync("build", "--tag", image, context);
        await docker.RunAsync("push", image);
        await docker.RunAsync("rmi", "--force", image);
        await docker.RunAsync("pull", image);
        var skopeo = fixture.NewClient("skopeo");
        var target = fixture.NewFolder();
        await skopeo.RunAsync("copy", "--src-tls-verify=false", "--src-creds", $"{server.AccessKey}:{server.SecretKey}", $"docker://{image}", $"oci:{target}:v1");
        await docker.RunAsync("rmi", "--force", image);

        using var http = InsecureClient();
        using var challenged = await http.GetAsync(new Uri($"https://{host}/v2/"));
        Assert.Contains($"realm=\"https://{host}/auth/token\"", challenged.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(folder, "body"), "*", SearchOption.AllDirectories));
        Assert.DoesNotContain("buffered to a temporary file", await File.ReadAllTextAsync(Path.Combine(folder, "error.log")), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, WebSocketState.Open), await OpenSocketAsync(host));
    }

    private static async Task<(HttpStatusCode Negotiated, WebSocketState State)> OpenSocketAsync(string host)
    {
        using var http = InsecureClient();
        using var negotiated = await http.PostAsync(new Uri($"https://{host}/_blazor/negotiate?negotiateVersion=1"), null);
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.Subject == "CN=ncr-test";
        await socket.ConnectAsync(new Uri($"wss://{host}/_blazor"), CancellationToken.None);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, CancellationToken.None);
        await socket.ReceiveAsync(new byte[1024], CancellationToken.None);
        return (negotiated.StatusCode, socket.State);
    }

    private static HttpClient InsecureClient()
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.Subject == "CN=ncr-test";
        return new HttpClient(handler);
    }

    private static async Task<Nginx> StartAsync(string folder, string host, NcrServer server)
    {
        WriteCertificate(folder);
        var docs = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "operations.md"));
        var recommended = docs.Split("```nginx\n")[1].Split("```")[0];
        Assert.Contains("listen 443 ssl;", recommended, StringComparison.Ordinal);
        Assert.Contains("server 127.0.0.1:5080;", recommended, StringComparison.Ordinal);
        var settings = recommended
            .Replace("listen 443 ssl;", $"listen {host} ssl;", StringComparison.Ordinal)
            .Replace("127.0.0.1:5080", server.Host, StringComparison.Ordinal)
            .Replace("/etc/ssl/registry.pem", Path.Combine(folder, "cert.pem"), StringComparison.Ordinal)
            .Replace("/etc/ssl/registry.key", Path.Combine(folder, "key.pem"), StringComparison.Ordinal);
        foreach (var part in new[] { "body", "proxy", "fastcgi", "uwsgi", "scgi" })
        {
            Directory.CreateDirectory(Path.Combine(folder, part));
        }

        var file = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(file, $$"""
            user root;
            worker_processes 1;
            daemon off;
            pid {{folder}}/pid;
            error_log {{folder}}/error.log warn;
            events { worker_connections 256; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
            {{settings}}
            }
            """);
        await new Cli(Tool.Require("nginx")).RunAsync("-t", "-q", "-e", Path.Combine(folder, "error.log"), "-c", file);
        var process = Process.Start(new ProcessStartInfo(Tool.Require("nginx"), ["-e", Path.Combine(folder, "error.log"), "-c", file]))!;
        var nginx = new Nginx(process);
        using var http = InsecureClient();
        for (var i = 0; i < 100; i++)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"https://{host}/healthz"));
                answer.EnsureSuccessStatusCode();
                return nginx;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100);
            }
        }

        await nginx.DisposeAsync();
        throw new InvalidOperationException($"nginx did not start: {await File.ReadAllTextAsync(Path.Combine(folder, "error.log"))}");
    }

    private static void WriteCertificate(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ncr-test", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        File.WriteAllText(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private sealed class Nginx(Process process) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
