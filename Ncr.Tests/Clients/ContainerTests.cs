using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using Ncr.Tests.Support;

namespace Ncr.Tests.Clients;

/// <summary>
/// The last stage of the Dockerfile, built and run by a real engine. Only what it stands on is another: Microsoft's images can't be had
/// everywhere, so this machine's own runtime with the libraries it needs takes their place, and the program is the one under test.
/// </summary>
[Collection(ClientGroup.Name)]
public sealed class ContainerTests(DockerDaemon daemon) : IClassFixture<DockerDaemon>, IDisposable
{
    private static readonly string[] Loaded = ["libssl.so.3", "libcrypto.so.3"];

    private readonly string _folder = Directory.CreateTempSubdirectory("ncr-image-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ToolFact("docker", "dockerd")]
    public async Task Run_TheImage_IsReady_TakesAPush_StopsCleanly_AndKeepsIt()
    {
        var docker = await daemon.NewClientAsync();
        await WriteContextAsync();
        await docker.RunAsync("build", "--tag", "ncr", _folder);
        await docker.RunAsync("volume", "create", "ncr-data");
        var image = new ImageBuilder(1);

        var (id, client) = await StartAsync(docker);
        using (client)
        {
            await new RegistryClient(client, "team/app").PushAsync(image, "v1");
        }

        await StopAsync(docker, id);
        (id, client) = await StartAsync(docker);
        using (client)
        {
            using var pulled = await new RegistryClient(client, "team/app").GetAsync("manifests/v1");
            Assert.Equal(HttpStatusCode.OK, pulled.StatusCode);
        }

        Assert.Equal("1654", (await docker.RunAsync("inspect", "--format", "{{.Config.User}}", id)).Out.Trim());
        await StopAsync(docker, id);
    }

    private static async Task<(string Id, HttpClient Client)> StartAsync(Cli docker)
    {
        var port = Ports.Free();
        var started = await docker.RunAsync(
            "run", "--detach", "--network=host", "--volume", "ncr-data:/data", "--env", string.Create(CultureInfo.InvariantCulture, $"ASPNETCORE_HTTP_PORTS={port}"),
            "--env", "NCR__SETUP__USER=admin", "--env", $"NCR__SETUP__PASSWORD={NcrProcess.Password}", "--env", $"NCR__SETUP__ACCESSKEY={NcrProcess.AccessKey}",
            "--env", $"NCR__SETUP__SECRETKEY={NcrProcess.SecretKey}", "--env", "NCR__SETUP__REGISTRIES=team", "ncr");
        var id = started.Out.Trim();
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{NcrProcess.AccessKey}:{NcrProcess.SecretKey}")));
        var since = Stopwatch.StartNew();
        while (!await IsReadyAsync(client))
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(30) && (await docker.RunAsync("inspect", "--format", "{{.State.Running}}", id)).Out.Trim() == "true", (await docker.RunAsync("logs", id)).All);
            await Task.Delay(100);
        }

        return (id, client);
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task StopAsync(Cli docker, string id)
    {
        var since = Stopwatch.StartNew();

        await docker.RunAsync("stop", "--time", "30", id);

        Assert.InRange(since.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Equal("0", (await docker.RunAsync("inspect", "--format", "{{.State.ExitCode}}", id)).Out.Trim());
    }

    private async Task WriteContextAsync()
    {
        var runtime = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory());
        var dotnet = runtime.Parent!.Parent!.Parent!.FullName;
        var root = Path.Combine(_folder, "base");
        var kept = Path.Combine(root, "usr", "share", "dotnet");
        Directory.CreateDirectory(Path.Combine(kept, "shared", "Microsoft.NETCore.App"));
        Directory.CreateDirectory(Path.Combine(kept, "shared", "Microsoft.AspNetCore.App"));
        Directory.CreateDirectory(Path.Combine(root, "usr", "bin"));
        Directory.CreateDirectory(Path.Combine(root, "tmp"));
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        var copy = new Cli("cp");
        await copy.RunAsync("-a", Path.Combine(dotnet, "dotnet"), Path.Combine(dotnet, "host"), kept);
        foreach (var framework in new[] { "Microsoft.NETCore.App", "Microsoft.AspNetCore.App" })
        {
            await copy.RunAsync("-a", Path.Combine(dotnet, "shared", framework, runtime.Name), Path.Combine(kept, "shared", framework));
        }

        File.CreateSymbolicLink(Path.Combine(root, "usr", "bin", "dotnet"), "/usr/share/dotnet/dotnet");
        await CopyLibrariesAsync(copy, root, [Path.Combine(dotnet, "dotnet"), .. Directory.GetFiles(runtime.FullName, "*.so")]);
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        await new Cli("dotnet").RunAsync("publish", Path.Combine(Repository.Root, "Ncr.Web"), "--no-build", "--configuration", configuration, "--output", Path.Combine(_folder, "app"));

        var lines = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "Dockerfile"))).Split('\n');
        var last = lines.Skip(Array.FindLastIndex(lines, l => l.StartsWith("FROM ", StringComparison.Ordinal)) + 1)
            .Select(l => l.Replace("--from=build /app", "app", StringComparison.Ordinal)
                .Replace("--from=build --chown=1654:1654 /data", "--chown=1654:1654 data", StringComparison.Ordinal));
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "Dockerfile"),
            $"FROM scratch\nCOPY base /\nCOPY --chown=1654:1654 base/tmp /tmp\nENV PATH=/usr/bin\n{string.Join('\n', last)}");
    }

    /// <summary>What the runtime links to, and what it loads when it needs it.</summary>
    private static async Task CopyLibrariesAsync(Cli copy, string root, IReadOnlyList<string> programs)
    {
        var listed = await new Cli("ldd").TryAsync([.. programs]);
        var known = await new Cli("ldconfig").With("PATH", "/usr/sbin:/sbin:/usr/bin:/bin").TryAsync("-p");
        var loaded = Loaded.Select(name => known.Out.Split('\n').First(l => l.TrimStart().StartsWith(name, StringComparison.Ordinal)).Split("=> ")[1].Trim()).ToArray();
        var linked = await new Cli("ldd").TryAsync(loaded);
        var files = (listed.Out + linked.Out).Split('\n')
            .Select(l => l.Trim())
            .Where(l => !l.EndsWith(':'))
            .Select(l => (l.Contains("=> ", StringComparison.Ordinal) ? l.Split("=> ")[1] : l).Split(" (")[0].Trim())
            .Where(l => l.StartsWith('/') && File.Exists(l))
            .Concat(loaded)
            .Distinct();
        foreach (var file in files)
        {
            // Where the loader looks by default, under the name it looks for.
            var target = Path.Combine(root, file.StartsWith("/lib64", StringComparison.Ordinal) ? "lib64" : "usr/lib");
            Directory.CreateDirectory(target);
            await copy.RunAsync("-L", file, target);
            if (!Directory.Exists(Path.Combine(root, "lib")))
            {
                Directory.CreateDirectory(Path.Combine(root, "usr", "lib"));
                File.CreateSymbolicLink(Path.Combine(root, "lib"), "usr/lib");
            }
        }
    }
}
