using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Ncr.Tests.Support;

namespace Ncr.Tests.Failures;

/// <summary>The server as a process of its own, so that limits, users and tracers of the system can be put on it, with all it prints.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private const string Key = "testkey0000000000001";
    private const string Secret = "TestSecret00000000000000000000000000001";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);

    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private readonly int _port;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        _port = port;
        _process.OutputDataReceived += (_, e) => Log(e.Data);
        _process.ErrorDataReceived += (_, e) => Log(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Url => new($"http://127.0.0.1:{_port}/");

    public int Id => _process.Id;

    /// <summary>What it printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="before">A program to run it under, with its arguments.</param>
    /// <param name="arguments">Added to the server's own.</param>
    public static async Task<ServerProcess> StartAsync(string folder, string[]? before = null, params string[] arguments)
    {
        var server = Launch(folder, before, arguments);
        var since = Stopwatch.StartNew();
        while (!server.Output.Contains("NCR is ready", StringComparison.Ordinal))
        {
            if (server._process.HasExited || since.Elapsed > StartLimit)
            {
                var output = server.Output;
                await server.DisposeAsync();
                throw new InvalidOperationException($"The server did not start.\n{output}");
            }

            await Task.Delay(50);
        }

        return server;
    }

    /// <summary>Starts it where it can't start.</summary>
    /// <returns>Its exit code and what it printed.</returns>
    public static async Task<(int ExitCode, string Output)> FailAsync(string folder, string[]? before = null, params string[] arguments)
    {
        await using var server = Launch(folder, before, arguments);
        using var patience = new CancellationTokenSource(StartLimit);
        await server._process.WaitForExitAsync(patience.Token);
        return (server._process.ExitCode, server.Output);
    }

    /// <summary>A client with the access key.</summary>
    public HttpClient CreateClient()
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Url };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Key}:{Secret}")));
        return client;
    }

    public RegistryClient NewImage() => new(CreateClient(), RegistryClient.UniqueName());

    /// <summary>Waits until a tracer holds all of its threads.</summary>
    public async Task WhenTracedAsync()
    {
        using var patience = new CancellationTokenSource(StartLimit);
        while (Directory.GetDirectories($"/proc/{Id}/task").Any(t => File.ReadAllText(Path.Combine(t, "status")).Contains("TracerPid:\t0", StringComparison.Ordinal)))
        {
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>Asks it to end and waits for that.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            // Its own process group has the tracer too: the server is the youngest.
            await new Cli("kill").TryAsync("-TERM", (await ChildAsync(_process.Id)).ToString(null, null));
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static ServerProcess Launch(string folder, string[]? before, string[] arguments)
    {
        var port = FreePort();
        string[] command = [.. before ?? [], "dotnet", Path.Combine(AppContext.BaseDirectory, "Ncr.Web.dll"), "--urls", $"http://127.0.0.1:{port}", .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var (name, value) in new[]
        {
            ("NCR__DATAPATH", folder), ("NCR__SETUP__USER", "admin"), ("NCR__SETUP__PASSWORD", "correct horse battery"),
            ("NCR__SETUP__ACCESSKEY", Key), ("NCR__SETUP__SECRETKEY", Secret), ("NCR__SETUP__REGISTRIES", "team"),
        })
        {
            start.Environment[name] = value;
        }

        return new ServerProcess(Process.Start(start) ?? throw new InvalidOperationException($"Cannot start {command[0]}."), port);
    }

    private static async Task<int> ChildAsync(int id)
    {
        var children = await File.ReadAllTextAsync($"/proc/{id}/task/{id}/children");
        var comm = (await File.ReadAllTextAsync($"/proc/{id}/comm")).Trim();
        return comm != "dotnet" && int.TryParse(children.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(), out var child) ? child : id;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Log(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
