using System.Diagnostics;
using System.Text;

namespace Ncr.Tests.Support;

/// <summary>
/// A docker engine of the test's own, with nothing in it, in a temporary folder; it goes away with everything it mounted.
/// It starts with the first client asked of it, so that tests which are skipped don't need it.
/// </summary>
public sealed class DockerDaemon : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    // A short name: the path of a socket has room for about 100 characters.
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ncr-dk-");
    private readonly Lazy<Task> _started;
    private readonly StringBuilder _log = new();
    private Process? _process;
    private int _clients;

    public DockerDaemon() => _started = new Lazy<Task>(StartAsync);

    private string Socket => $"unix://{_folder.FullName}/s";

    /// <summary>A docker command line on this engine that is logged in nowhere.</summary>
    public async Task<Cli> NewClientAsync()
    {
        await _started.Value;
        return NewClient();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await StopAsync();
        await RemoveAsync(_folder.FullName);
    }

    /// <summary>Removes a folder in which a container engine worked, with what is still mounted in it.</summary>
    public static async Task RemoveAsync(string folder)
    {
        // Deepest first. What is unmounted must not be deleted through its mount.
        var mounts = (await File.ReadAllLinesAsync("/proc/self/mounts"))
            .Select(line => line.Split(' ')[1])
            .Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal))
            .OrderByDescending(path => path.Length);
        foreach (var mount in mounts)
        {
            await new Cli("umount").TryAsync("--lazy", mount);
        }

        await new Cli("rm").TryAsync("-rf", "--one-file-system", folder);
    }

    private Cli NewClient()
    {
        var config = _folder.CreateSubdirectory($"client{Interlocked.Increment(ref _clients)}").FullName;
        return new Cli(Tool.Require("docker"))
        {
            Environment = new Dictionary<string, string?>
            {
                ["DOCKER_HOST"] = Socket,
                ["DOCKER_CONFIG"] = config,
                ["DOCKER_CONTEXT"] = null,
                ["DOCKER_TLS_VERIFY"] = null,
                // The builder inside the engine: the other one is a plug-in of its own.
                ["DOCKER_BUILDKIT"] = "0",
                ["DOCKER_CLI_EXPERIMENTAL"] = "enabled",
                ["HOME"] = config,
            },
        };
    }

    private async Task StartAsync()
    {
        Launch();
        await WaitUntilReadyAsync();
    }

    private void Launch()
    {
        var folder = _folder.FullName;
        var start = new ProcessStartInfo(Tool.Require("dockerd"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                // No bridge and no firewall rules: it leaves the machine's network alone, and tests need none.
                "--bridge=none", "--iptables=false",
                "--config-file", $"{folder}/daemon.json",
                "--data-root", $"{folder}/data", "--exec-root", $"{folder}/exec", "--pidfile", $"{folder}/pid", "-H", Socket,
            },
        };
        File.WriteAllText($"{folder}/daemon.json", "{}");
        _process = Process.Start(start) ?? throw new InvalidOperationException("Cannot start dockerd.");
        _process.OutputDataReceived += (_, e) => Log(e.Data);
        _process.ErrorDataReceived += (_, e) => Log(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private async Task WaitUntilReadyAsync()
    {
        var client = NewClient();
        var since = Stopwatch.StartNew();
        while ((await client.TryAsync("version", "--format", "{{.Server.Version}}")).ExitCode != 0)
        {
            if (_process!.HasExited || since.Elapsed > StartLimit)
            {
                lock (_log)
                {
                    throw new InvalidOperationException($"dockerd did not start.\n{_log}");
                }
            }

            await Task.Delay(100);
        }
    }

    private void Log(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }
    }

    private async Task StopAsync()
    {
        if (_process is null)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            // Asked nicely it takes its own containerd and its mounts with it.
            await new Cli("sh").TryAsync("-c", $"kill -TERM {_process.Id}");
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
