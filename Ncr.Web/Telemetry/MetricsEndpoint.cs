using System.Security.Cryptography;
using System.Text;
using Ncr.Core.Hosting;
using Ncr.Core.Telemetry;

namespace Ncr.Web.Telemetry;

/// <summary><c>/metrics</c> for Prometheus, where the settings allow somebody to read it.</summary>
internal sealed class MetricsEndpoint : IDisposable
{
    public const string Path = "/metrics";

    private readonly ServerFigures _figures;
    private readonly byte[]? _token;
    private readonly PrometheusCollector _collector;

    public MetricsEndpoint(NcrOptions options, ServerFigures figures)
    {
        _figures = figures;
        _token = options.Metrics.AllowAnonymous ? null : Encoding.UTF8.GetBytes(options.Metrics.Token ?? throw new InvalidOperationException("Nobody may read the metrics."));
        _collector = new PrometheusCollector(meter => ReferenceEquals(meter, NcrMetrics.Meter) || ReferenceEquals(meter, figures.Meter) || meter.Name == "System.Runtime");
    }

    public async Task HandleAsync(HttpContext context)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        response.ContentType = "text/plain; charset=utf-8";
        if (!IsAllowed(context.Request))
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.Headers.WWWAuthenticate = "Bearer";
            await response.WriteAsync("Send the token of Ncr:Metrics:Token as Bearer.\n");
            return;
        }

        await _figures.RefreshAsync(context.RequestAborted);
        response.ContentType = PrometheusCollector.ContentType;
        await response.WriteAsync(_collector.Write(), context.RequestAborted);
    }

    public void Dispose() => _collector.Dispose();

    private bool IsAllowed(HttpRequest request)
    {
        const string Prefix = "Bearer ";
        string? header = request.Headers.Authorization;
        return _token is null
            || (header?.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) == true
                && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[Prefix.Length..].Trim()), _token));
    }
}
