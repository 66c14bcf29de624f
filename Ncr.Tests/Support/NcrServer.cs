using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ncr.Core.Access;
using Ncr.Web.Hosting;

namespace Ncr.Tests.Support;

/// <summary>The real server on a port of its own with a fresh data folder: an administrator, an access key, and the registries "team" and "other".</summary>
public sealed class NcrServer : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _settings;
    private readonly string _folder = Directory.CreateTempSubdirectory("ncr-test-").FullName;
    private readonly int _port = Ports.Free();
    private readonly TimeProvider? _clock;
    private readonly ILoggerProvider? _log;
    private NcrServerHost? _host;

    private NcrServer(TimeProvider? clock, ILoggerProvider? log)
    {
        (_clock, _log) = (clock, log);
        _settings = new Dictionary<string, string?>
        {
            ["Ncr:DataPath"] = _folder,
            ["Ncr:Setup:User"] = UserName,
            ["Ncr:Setup:Password"] = Password,
            ["Ncr:Setup:AccessKey"] = AccessKey,
            ["Ncr:Setup:SecretKey"] = SecretKey,
            ["Ncr:Setup:Registries"] = "team,other",
            ["Logging:LogLevel:Default"] = "Error",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Error",
        };
    }

    public string Host => $"127.0.0.1:{_port}";

    public Uri Url => new($"http://{Host}/");

    public string UserName { get; } = "admin";

    public string Password { get; } = "correct horse battery";

    public string AccessKey { get; } = "testkey0000000000001";

    public string SecretKey { get; } = "TestSecret00000000000000000000000000001";

    /// <summary>The link that makes the first administrator, of a server that is not set up.</summary>
    public Uri SetupUrl => new(Url, $"setup?code={Services.GetRequiredService<SetupService>().Code}");

    public IServiceProvider Services => _host!.Services;

    /// <summary>The administrator of a server that was set up.</summary>
    public Actor Administrator => new(1, UserName);

    public string DataFolder => _folder;

    private AccessKeyService Keys => Services.GetRequiredService<AccessKeyService>();

    /// <param name="settings">Changes to the settings; without <c>Ncr:Setup:User</c> the server is not set up.</param>
    /// <param name="clock">The time it goes by; null for the real one.</param>
    /// <param name="log">Takes what it logs, besides the output.</param>
    public static async Task<NcrServer> StartAsync(Action<Dictionary<string, string?>>? settings = null, TimeProvider? clock = null, ILoggerProvider? log = null)
    {
        var server = new NcrServer(clock, log);
        settings?.Invoke(server._settings);
        if (server._settings["Ncr:Setup:User"] is null)
        {
            foreach (var key in server._settings.Keys.Where(k => k.StartsWith("Ncr:Setup:", StringComparison.Ordinal)).ToList())
            {
                server._settings.Remove(key);
            }
        }

        await server.RunAsync();
        return server;
    }

    /// <summary>A client that follows no redirects; authenticated, it sends the access key with each request.</summary>
    public HttpClient CreateClient(bool authenticated = true)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Url };
        if (authenticated)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{AccessKey}:{SecretKey}")));
        }

        return client;
    }

    public async Task<(string Key, string Secret)> CreateAccessKeyAsync()
    {
        var pair = await Keys.CreateAsync(Administrator, AccessKeySettings.None, CancellationToken.None);
        return (pair.Key, pair.Secret);
    }

    public async Task DeleteAccessKeyAsync(string key) => await Keys.DeleteAsync(Administrator, await IdOfAsync(key), CancellationToken.None);

    public async Task SetAccessKeyEnabledAsync(string key, bool enabled) => await Keys.SetEnabledAsync(Administrator, await IdOfAsync(key), enabled, CancellationToken.None);

    /// <summary>Stops the server and starts it on the same folder and port.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await RunAsync();
    }

    /// <summary>Stops the server and leaves its folder.</summary>
    public async Task StopAsync()
    {
        if (_host is { } host)
        {
            _host = null;
            await host.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync() => _host = await NcrServerHost.StartAsync(
        ["--urls", _settings.GetValueOrDefault("urls") ?? $"http://{Host}"],
        builder =>
        {
            builder.Configuration.AddInMemoryCollection(_settings);
            if (_clock is not null)
            {
                builder.Services.AddSingleton(_clock);
            }

            if (_log is not null)
            {
                builder.Logging.AddProvider(_log);
            }
        });

    private async Task<long> IdOfAsync(string key) => (await Keys.ListOwnAsync(Administrator, CancellationToken.None)).Single(k => k.Key == key).Id;
}
