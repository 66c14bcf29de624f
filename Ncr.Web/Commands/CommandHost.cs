using Ncr.Core;
using Ncr.Core.Hosting;
using Ncr.Web.Hosting;

namespace Ncr.Web.Commands;

/// <summary>The core for one command: with the server's settings, on its data folder, without the server.</summary>
internal sealed class CommandHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly DataFolder _folder;

    private CommandHost(NcrOptions options, IConfiguration configuration, DataFolder folder)
    {
        _folder = folder;
        _services = new ServiceCollection()
            .AddLogging(logging => logging
                .AddConfiguration(configuration.GetSection("Logging"))
                .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace) // Results alone go to stdout.
                .AddFilter((_, level) => level >= LogLevel.Error))
            .AddNcrCore(options, folder)
            .BuildServiceProvider();
    }

    public string DataFolder => _folder.Root;

    /// <summary>Beside a server that may be running.</summary>
    /// <exception cref="StartupException">A setting is wrong, or there is no database.</exception>
    public static CommandHost Join(string[] settings) => Create(settings, options => Core.Hosting.DataFolder.Join(options.DataPath));

    /// <summary>Instead of a server.</summary>
    /// <exception cref="StartupException">A setting is wrong, or a server is running on the data folder.</exception>
    public static CommandHost Open(string[] settings) => Create(settings, options => Core.Hosting.DataFolder.Open(options.DataPath));

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <exception cref="Ncr.Core.Errors.NcrException">The database is of another version than this program.</exception>
    public Task RequireCurrentDatabaseAsync(CancellationToken cancellationToken) => _services.RequireCurrentDatabaseAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    private static CommandHost Create(string[] settings, Func<NcrOptions, DataFolder> open)
    {
        var configuration = NcrServerHost.CreateBuilder(settings).Configuration;
        var options = NcrOptionsReader.Read(configuration);
        return new CommandHost(options, configuration, open(options));
    }
}
