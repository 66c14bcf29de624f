using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Ncr.Core;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;
using Ncr.Registry;

namespace Ncr.Web.Hosting;

/// <summary>The server: reads the settings, opens the data folder, starts Kestrel. Tests start it the same way, in process.</summary>
public sealed class NcrServerHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DataFolder _folder;

    private NcrServerHost(WebApplication app, DataFolder folder)
    {
        _app = app;
        _folder = folder;
    }

    public IServiceProvider Services => _app.Services;

    /// <summary>What it listens on.</summary>
    public IReadOnlyList<string> Addresses => [.. _app.Urls];

    /// <param name="args">The command line.</param>
    /// <param name="configure">Last word on the builder; for tests.</param>
    /// <exception cref="StartupException">It can't start; the message says why and what to do.</exception>
    public static async Task<NcrServerHost> StartAsync(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // The folder of the program, not the current one: that is where appsettings.json and the console's files are.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(NcrServerHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseStaticWebAssets();
        configure?.Invoke(builder);
        var options = NcrOptionsReader.Read(builder.Configuration);
        var folder = DataFolder.Open(options.DataPath);
        try
        {
            builder.ConfigureNcrKestrel(options);
            builder.Services.AddNcrForwardedHeaders(options.ReverseProxy);
            builder.Services.AddNcrCore(options, folder).AddNcrRegistry().AddNcrConsole();
            var app = builder.Build();
            app.UseNcrForwardedHeaders(options.ReverseProxy);
            app.UseNcrRegistry();
            app.UseNcrSecurityHeaders();
            app.MapNcrConsole();
            await app.Services.StartNcrCoreAsync(CancellationToken.None);
            await ListenAsync(app);
            var server = new NcrServerHost(app, folder);
            await StartupNotice.WriteAsync(server.Addresses, options, folder, app.Services.GetRequiredService<SetupService>(), app.Logger);
            return server;
        }
        catch (Exception exception)
        {
            folder.Dispose();
            if (exception is not StartupException && StorageFailure.Recognise(exception) is not null)
            {
                throw new StartupException(StorageFailure.Explain(exception, folder.Root));
            }

            throw;
        }
    }

    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task ListenAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await app.DisposeAsync();
            throw new StartupException($"{exception.Message} Stop what is listening there, or choose another address with --urls http://localhost:5081.");
        }
        catch (SocketException exception)
        {
            await app.DisposeAsync();
            throw new StartupException($"It can't listen on {string.Join(", ", app.Urls)}: {exception.Message}. Choose another address with --urls.");
        }
    }
}
