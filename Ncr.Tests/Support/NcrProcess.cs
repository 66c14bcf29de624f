using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Ncr.Tests.Support;

/// <summary>The program itself as a process, set up with an administrator, a key and the registry "team": for what only a process can show, such as signals and its log.</summary>
public sealed class NcrProcess : IAsyncDisposable
{
    public const string AccessKey = "testkey0000000000001";
    public const string SecretKey = "TestSecret00000000000000000000000000001";
    public const string Password = "correct horse battery";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NcrProcess(Process process, int port)
    {
        _process = process;
        Host = $"127.0.0.1:{port}";
    }

    public string Host { get; }

    public Uri Url => new($"http://{Host}/");

    public int Id => _process.Id;

    /// <summary>All it has written so far, both streams.</summary>
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

    /// <param name="folder">Its data folder.</param>
    /// <param name="settings">More of the environment.</param>
    public static async Task<NcrProcess> StartAsync(string folder, params (string Name, string Value)[] settings)
    {
        var port = FreePort();

        // Whoever runs the tests in the background has them ignore Ctrl-C, which the program would inherit.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Ncr.Web.dll"), "--urls", $"http://127.0.0.1:{port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in settings.Prepend(("NCR__SETUP__REGISTRIES", "team")).Prepend(("NCR__SETUP__SECRETKEY", SecretKey)).Prepend(("NCR__SETUP__ACCESSKEY", AccessKey))
            .Prepend(("NCR__SETUP__PASSWORD", Password)).Prepend(("NCR__SETUP__USER", "admin")).Prepend(("NCR__DATAPATH", folder)))
        {
            start.Environment[name] = value;
        }

        var server = new NcrProcess(Process.Start(start)!, port);
        await server.WaitUntilReadyAsync();
        return server;
    }

    public HttpClient CreateClient()
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Url, Timeout = Patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{AccessKey}:{SecretKey}")));
        return client;
    }

    /// <param name="signal">Such as <c>TERM</c>.</param>
    public Task SignalAsync(string signal) => new Cli("sh").RunAsync("-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {_process.Id}"));

    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async Task WaitForOutputAsync(string text)
    {
        var since = Stopwatch.StartNew();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            Assert.True(since.Elapsed < Patience, $"'{text}' did not come: {Output}");
            await Task.Delay(20);
        }
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

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitUntilReadyAsync()
    {
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (await Task.WhenAny(_ready.Task, _process.WaitForExitAsync(), Task.Delay(Patience)) != _ready.Task)
        {
            var output = Output;
            await DisposeAsync();
            throw new InvalidOperationException($"The server did not start: {output}");
        }
    }

    private void Take(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line?.Contains("Data ", StringComparison.Ordinal) == true || line?.Contains("NCR is ready at", StringComparison.Ordinal) == true)
        {
            _ready.TrySetResult();
        }
    }
}
