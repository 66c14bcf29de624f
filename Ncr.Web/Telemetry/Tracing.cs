using System.Diagnostics;
using Ncr.Core.Hosting;
using Ncr.Registry.Telemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Ncr.Web.Telemetry;

/// <summary>Traces by OTLP. Its packages are loaded by the first call, so a server without tracing does not pay for them.</summary>
internal static class Tracing
{
    public static bool IsOn(NcrOptions options, IConfiguration configuration) =>
        options.Otlp.Endpoint is not null
        || !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])
        || !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]);

    public static void Add(IServiceCollection services, OtlpOptions options) => services.AddOpenTelemetry()
        .ConfigureResource(resource => resource.AddService("ncr", serviceVersion: typeof(Tracing).Assembly.GetName().Version?.ToString(3)))
        .WithTracing(tracing => tracing
            .AddAspNetCoreInstrumentation(requests =>
            {
                requests.Filter = context => context.Request.Path.Value is not ("/healthz" or "/readyz" or MetricsEndpoint.Path);
                requests.EnrichWithHttpRequest = Name;
            })
            .AddOtlpExporter(exporter => Point(exporter, options)));

    /// <summary>A request of the registry API has no route; what it does is a better name than its method alone.</summary>
    private static void Name(Activity activity, HttpRequest request)
    {
        if (request.Path.StartsWithSegments("/v2", StringComparison.Ordinal, out var rest))
        {
            var operation = RegistryOperation.Of(request.Method, rest.Value);
            activity.DisplayName = $"{request.Method} {operation}";
            activity.SetTag("ncr.operation", operation);
        }
    }

    private static void Point(OtlpExporterOptions exporter, OtlpOptions options)
    {
        if (options.Endpoint is { } endpoint)
        {
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = new Uri($"{endpoint.TrimEnd('/')}/v1/traces");
        }
    }
}
