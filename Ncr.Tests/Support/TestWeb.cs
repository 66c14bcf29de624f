using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ncr.Tests.Support;

/// <summary>A web server on a port of its own, that answers as a test says.</summary>
internal sealed class TestWeb : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestWeb(WebApplication app, int port) => (_app, Port) = (app, port);

    public int Port { get; }

    /// <summary>How many requests came.</summary>
    public int Requests { get; private set; }

    /// <summary>The last one's Authorization; null when it had none.</summary>
    public string? Authorization { get; private set; }

    /// <param name="answer">What to do with a request.</param>
    /// <param name="address">Where it listens.</param>
    public static async Task<TestWeb> StartAsync(RequestDelegate answer, string address = "127.0.0.1")
    {
        var port = Ports.Free();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://{address}:{port}");
        builder.Logging.ClearProviders();
        var web = new TestWeb(builder.Build(), port);
        web._app.Run(context =>
        {
            web.Requests++;
            web.Authorization = context.Request.Headers.Authorization is [{ } value] ? value : null;
            return answer(context);
        });
        await web._app.StartAsync();
        return web;
    }

    public Uri Url(string host = "127.0.0.1", string path = "/") => new($"http://{host}:{Port}{path}");

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
