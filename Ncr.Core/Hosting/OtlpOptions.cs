namespace Ncr.Core.Hosting;

/// <summary>Where traces of requests go. Nowhere by default, and then none are made.</summary>
public sealed class OtlpOptions
{
    /// <summary>The OTLP/HTTP address of a collector, such as <c>http://collector:4318</c>. Without it, OpenTelemetry's own <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> decides.</summary>
    public string? Endpoint { get; set; }
}
