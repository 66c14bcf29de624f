using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Ncr.Core;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;
using Ncr.Registry;
using Ncr.Registry.Telemetry;
using Ncr.Web.Telemetry;

namespace Ncr.Web.Hosting;

/// <summary>The server: reads the settings, opens the data folder, starts Kestrel. Tests start it the same way, in process.</summary>
public sealed class NcrServerHost : IAsyncDisposable
{
    private static readonly TimeSpan LastStepPatience = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;
    private readonly DataFolder _folder;
    private int _stopped;

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
        var builder = CreateBuilder(args);
        builder.WebHost.UseStaticWebAssets();
        configure?.Invoke(builder);
        var options = NcrOptionsReader.Read(builder.Configuration);
        var folder = DataFolder.Open(options.DataPath);
        try
        {
            builder.ConfigureNcrKestrel(options);
            builder.AddNcrLogging(options.Logging);
            builder.Services.AddNcrShutdown(options);
            builder.Services.AddNcrTelemetry(options, builder.Configuration);
            builder.Services.AddNcrForwardedHeaders(options.ReverseProxy);
            builder.Services.AddNcrCore(options, folder).AddNcrRegistry().AddNcrConsole(options);
            var app = builder.Build();
            app.UseNcrHealth();
            app.UseNcrForwardedHeaders(options);
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

    /// <summary>With the settings from the file, the environment and <paramref name="args"/>. Commands read theirs by it too.</summary>
    internal static WebApplicationBuilder CreateBuilder(string[] args) =>
        // The folder of the program, not the current one: that is where appsettings.json and the console's files are.
        WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(NcrServerHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });

    /// <summary>Waits until it is told to stop, and has stopped.</summary>
    public async Task WaitForShutdownAsync()
    {
        using var impatience = ShutdownSetup.EndAtSecondInterrupt();
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = _app.Lifetime.ApplicationStopping.Register(stopping.SetResult);
        await stopping.Task;
        await StopAsync();
    }

    /// <summary>Takes nothing new, lets what runs end within <c>Ncr:ShutdownTimeout</c>, cuts the rest, and writes what was only in memory.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 1)
        {
            return;
        }

        try
        {
            await _app.StopAsync();
        }
        catch (OperationCanceledException)
        {
            // The time was up and transfers were cut; that is no failure.
        }

        // A push that was cut in its last step has its content in place: its row must follow.
        await Services.GetRequiredService<RequestWatch>().DrainAsync(LastStepPatience);
        await Services.StopNcrCoreAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
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
