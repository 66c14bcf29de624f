using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ncr.Tests.Support;

namespace Ncr.Tests.Hosting;

/// <summary>Starts the program itself, as a person does.</summary>
public sealed class StartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ncr-start-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Start_OnAnEmptyFolder_TellsWhereThingsAreAndHowToSetUp()
    {
        var port = Ports.Free();
        using var server = Run(["--urls", $"http://127.0.0.1:{port}"], ("NCR__DATAPATH", _folder));

        var output = await ReadUntilAsync(server, "Set it up");

        Assert.Contains($"Console    http://127.0.0.1:{port}", output, StringComparison.Ordinal);
        Assert.Contains($"Registry   127.0.0.1:{port}", output, StringComparison.Ordinal);
        Assert.Contains($"Data       {_folder}", output, StringComparison.Ordinal);
        Assert.Matches($"http://127.0.0.1:{port}/setup\\?code=[0-9a-f]{{32}}", output);
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/v2/"));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        await StopAsync(server);
    }

    [Fact]
    public async Task Start_WithTheSettingsOfAnUnattendedSetup_CanBeLoggedInToAtOnce()
    {
        var port = Ports.Free();
        using var server = Run(
            ["--urls", $"http://127.0.0.1:{port}", "--Ncr:Setup:Registries=team,tools"],
            ("NCR__DATAPATH", _folder),
            ("NCR__SETUP__USER", "admin"),
            ("NCR__SETUP__PASSWORD", "a long password"),
            ("NCR__SETUP__ACCESSKEY", "ci-key-1"),
            ("NCR__SETUP__SECRETKEY", "ci-secret-1"));
        await ReadUntilAsync(server, "Data ");

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("ci-key-1:ci-secret-1"u8));
        using var known = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/v2/tools/app/blobs/uploads/"), null);
        using var unknown = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/v2/nosuch/app/blobs/uploads/"), null);

        Assert.Equal(HttpStatusCode.Accepted, known.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        await StopAsync(server);
    }

    [Fact]
    public async Task Start_WithContentAndNoDatabase_RefusesAndLeavesAllAsItIs()
    {
        // A new database would call it garbage, and a day later it would be collected.
        var content = Directory.CreateDirectory(Path.Combine(_folder, "blobs", "ab")).FullName + "/ab00000000000000000000000000000000000000";
        await File.WriteAllTextAsync(content, "a layer");

        var (_, error) = await FailAsync(["--urls", $"http://127.0.0.1:{Ports.Free()}"], ("NCR__DATAPATH", _folder));

        Assert.Contains("its database", error, StringComparison.Ordinal);
        Assert.Contains("restore a backup", error, StringComparison.Ordinal);
        Assert.Equal("a layer", await File.ReadAllTextAsync(content));
        Assert.False(File.Exists(Path.Combine(_folder, "ncr.db")));
    }

    [Fact]
    public async Task Start_WithContentOnAnotherFileSystem_SaysThatItMustBeOne()
    {
        if (!Directory.Exists("/dev/shm"))
        {
            return; // Only Linux has it, and only there a folder may lie elsewhere so easily.
        }

        var elsewhere = Directory.CreateDirectory($"/dev/shm/{Path.GetFileName(_folder)}");
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(_folder, "blobs"), elsewhere.FullName);
            var (_, error) = await FailAsync(["--urls", $"http://127.0.0.1:{Ports.Free()}"], ("NCR__DATAPATH", _folder));

            Assert.Contains("different file systems", error, StringComparison.Ordinal);
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Start_Twice_RefusesTheSecond()
    {
        using var first = Run(["--urls", $"http://127.0.0.1:{Ports.Free()}"], ("NCR__DATAPATH", _folder));
        await ReadUntilAsync(first, "Data ");

        var (code, error) = await FailAsync(["--urls", $"http://127.0.0.1:{Ports.Free()}"], ("NCR__DATAPATH", _folder));

        Assert.Equal(1, code);
        Assert.Contains("Another NCR is running on the data folder", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        await StopAsync(first);
    }

    [Fact]
    public async Task Start_OnAFolderThatCannotBe_SaysSo()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "in the way");

        var (code, error) = await FailAsync([], ("NCR__DATAPATH", Path.Combine(file, "data")));

        Assert.Equal(1, code);
        Assert.Contains("can't be written", error, StringComparison.Ordinal);
        Assert.Contains("Ncr:DataPath", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OnATakenPort_SaysSo()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var (code, error) = await FailAsync(["--urls", $"http://127.0.0.1:{port}"], ("NCR__DATAPATH", _folder));

        Assert.Equal(1, code);
        Assert.Contains($"{port}", error, StringComparison.Ordinal);
        Assert.Contains("--urls", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithFaultySettings_ListsThem()
    {
        var (code, error) = await FailAsync(["--Ncr:TokenLifetime=soon"], ("NCR__DATAPATH", _folder), ("NCR__COLOUR", "red"));

        Assert.Equal(1, code);
        Assert.Contains("2 faults", error, StringComparison.Ordinal);
        Assert.Contains("COLOUR is not a setting", error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("'soon'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithAPemPair_SpeaksHttpsAndHttp2()
    {
        var port = Ports.Free();
        var (certificate, key) = WriteCertificate();
        using var server = Run(
            ["--urls", $"https://127.0.0.1:{port}"],
            ("NCR__DATAPATH", _folder),
            ("NCR__HTTPS__CERTIFICATEPATH", certificate),
            ("NCR__HTTPS__KEYPATH", key));
        await ReadUntilAsync(server, "Data ");

        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.Subject == "CN=ncr-test";
        using var http = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await http.GetAsync(new Uri($"https://127.0.0.1:{port}/v2/"));

        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.Contains($"realm=\"https://127.0.0.1:{port}/auth/token\"", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        await StopAsync(server);
    }

    [Theory]
    [InlineData("127.0.0.1", "https://registry.example.com/auth/token")]
    [InlineData("10.9.8.7", null)]
    public async Task Start_BehindAProxy_BelievesListedOnesOnly(string proxy, string? realm)
    {
        await using var server = await NcrServer.StartAsync(settings => settings["Ncr:ReverseProxy:Addresses"] = proxy);
        using var http = server.CreateClient(authenticated: false);
        http.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.7");
        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        http.DefaultRequestHeaders.Add("X-Forwarded-Host", "registry.example.com");

        using var answer = await http.GetAsync(new Uri("v2/", UriKind.Relative));

        Assert.Contains($"realm=\"{realm ?? $"http://{server.Host}/auth/token"}\"", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    private (string Certificate, string Key) WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ncr-test", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        var (certificatePath, keyPath) = (Path.Combine(_folder, "cert.pem"), Path.Combine(_folder, "key.pem"));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        return (certificatePath, keyPath);
    }

    private static Process Run(string[] args, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Ncr.Web.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static async Task<string> ReadUntilAsync(Process server, string word)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var output = "";
        while (!output.Contains(word, StringComparison.Ordinal))
        {
            output += await server.StandardOutput.ReadLineAsync(patience.Token) is { } line
                ? $"{line}\n"
                : throw new InvalidOperationException($"The server ended: {output}{await server.StandardError.ReadToEndAsync(patience.Token)}");
        }

        return output;
    }

    private static async Task<(int Code, string Error)> FailAsync(string[] args, params (string Name, string Value)[] environment)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var server = Run(args, environment);
        try
        {
            var error = await server.StandardError.ReadToEndAsync(patience.Token);
            await server.WaitForExitAsync(patience.Token);
            return (server.ExitCode, error);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    private static async Task StopAsync(Process server)
    {
        server.Kill(entireProcessTree: true);
        await server.WaitForExitAsync();
    }
}
