using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Ncr.Tests.Support;

/// <summary>The program itself as a process, set up with an administrator, a key and the registry "team": for what only a process can show, such as signals, limits of the system and its log.</summary>
public sealed class NcrProcess : IAsyncDisposable
{
    public const string AccessKey = "testkey0000000000001";
    public const string SecretKey = "TestSecret00000000000000000000000000001";
    public const string Password = "correct horse battery";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NcrProcess(Process process, int port)
    {
        _process = process;
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
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
    public static Task<NcrProcess> StartAsync(string folder, params (string Name, string Value)[] settings) => ReadyAsync(Launch(folder, [], [], settings));

    /// <param name="folder">Its data folder.</param>
    /// <param name="before">A program to run it under, with its arguments.</param>
    /// <param name="arguments">Added to the server's own.</param>
    public static Task<NcrProcess> StartAsync(string folder, string[] before, params string[] arguments) => ReadyAsync(Launch(folder, before, arguments, []));

    /// <summary>Starts it where it can't start.</summary>
    /// <returns>Its exit code and what it printed.</returns>
    public static async Task<(int ExitCode, string Output)> FailAsync(string folder, params string[] before)
    {
        await using var server = Launch(folder, before, [], []);
        return (await server.WaitForExitAsync(), server.Output);
    }

    public HttpClient CreateClient()
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Url, Timeout = Patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{AccessKey}:{SecretKey}")));
        return client;
    }

    public RegistryClient NewImage() => new(CreateClient(), RegistryClient.UniqueName());

    /// <param name="signal">Such as <c>TERM</c>.</param>
    public Task SignalAsync(string signal) => new Cli("sh").RunAsync("-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {_process.Id}"));

    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Waits until a tracer holds all of its threads.</summary>
    public async Task WhenTracedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (Directory.GetDirectories($"/proc/{Id}/task").Any(t => File.ReadAllText(Path.Combine(t, "status")).Contains("TracerPid:\t0", StringComparison.Ordinal)))
        {
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>Asks it to end and waits for that, also when it runs under another program.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            await new Cli("kill").TryAsync("-TERM", (await ServerIdAsync(_process.Id)).ToString(CultureInfo.InvariantCulture));
        }

        await WaitForExitAsync();
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

    private static NcrProcess Launch(string folder, string[] before, string[] arguments, (string Name, string Value)[] settings)
    {
        var port = Ports.Free();

        // Whoever runs the tests in the background has them ignore Ctrl-C, which the program would inherit.
        string[] command = [.. before, "env", "--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Ncr.Web.dll"), "--urls", $"http://127.0.0.1:{port}", .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        (string Name, string Value)[] own =
        [
            ("NCR__DATAPATH", folder), ("NCR__SETUP__USER", "admin"), ("NCR__SETUP__PASSWORD", Password),
            ("NCR__SETUP__ACCESSKEY", AccessKey), ("NCR__SETUP__SECRETKEY", SecretKey), ("NCR__SETUP__REGISTRIES", "team"),
        ];
        foreach (var (name, value) in own.Concat(settings))
        {
            start.Environment[name] = value;
        }

        return new NcrProcess(Process.Start(start) ?? throw new InvalidOperationException($"Cannot start {command[0]}."), port);
    }

    private static async Task<NcrProcess> ReadyAsync(NcrProcess server)
    {
        if (await Task.WhenAny(server._ready.Task, server._process.WaitForExitAsync(), Task.Delay(Patience)) != server._ready.Task)
        {
            var output = server.Output;
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not start: {output}");
        }

        return server;
    }

    /// <summary>The server itself, which is a child of a tracer.</summary>
    private static async Task<int> ServerIdAsync(int id)
    {
        var children = await File.ReadAllTextAsync($"/proc/{id}/task/{id}/children");
        var name = (await File.ReadAllTextAsync($"/proc/{id}/comm")).Trim();
        return name != "dotnet" && int.TryParse(children.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(), out var child) ? child : id;
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
