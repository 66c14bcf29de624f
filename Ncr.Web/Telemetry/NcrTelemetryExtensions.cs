using Ncr.Core.Hosting;

namespace Ncr.Web.Telemetry;

/// <summary>Metrics and traces; nothing is registered that the settings did not ask for.</summary>
internal static class NcrTelemetryExtensions
{
    public static void AddNcrTelemetry(this IServiceCollection services, NcrOptions options, IConfiguration configuration)
    {
        if (options.Metrics.IsOn)
        {
            services.AddSingleton<MetricsEndpoint>();
        }

        if (Tracing.IsOn(options, configuration))
        {
            Tracing.Add(services, options.Otlp);
        }
    }
}
