using Ncr.Core.Hosting;
using Ncr.Web.Telemetry;

namespace Ncr.Web.Hosting;

/// <summary>
/// <c>/healthz</c>: the process lives. <c>/readyz</c>: it can do its work. <c>/metrics</c>, when it is on. They go before everything
/// else: no sign-in, no pages, no log.
/// </summary>
internal static class HealthEndpoints
{
    public static void UseNcrHealth(this WebApplication app)
    {
        var readiness = app.Services.GetRequiredService<Readiness>();
        var metrics = app.Services.GetService<MetricsEndpoint>();
        app.Use((context, next) => context.Request.Path.Value switch
        {
            "/healthz" => WriteAsync(context, null),
            "/readyz" => TellReadinessAsync(context, readiness, app.Lifetime),
            MetricsEndpoint.Path when metrics is not null => metrics.HandleAsync(context),
            _ => next(context),
        });
    }

    private static async Task TellReadinessAsync(HttpContext context, Readiness readiness, IHostApplicationLifetime lifetime) =>
        await WriteAsync(context, lifetime.ApplicationStopping.IsCancellationRequested ? "the server is stopping" : await readiness.FindFaultAsync());

    private static Task WriteAsync(HttpContext context, string? fault)
    {
        context.Response.StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(fault is null ? "ok\n" : $"not ready: {fault}\n");
    }
}
