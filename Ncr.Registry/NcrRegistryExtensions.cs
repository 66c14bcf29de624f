using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ncr.Core.Hosting;
using Ncr.Registry.Auth;
using Ncr.Registry.Blobs;
using Ncr.Registry.Catalog;
using Ncr.Registry.Manifests;
using Ncr.Registry.Referrers;
using Ncr.Registry.Tags;
using Ncr.Registry.Telemetry;

namespace Ncr.Registry;

/// <summary>Puts the registry API into a host.</summary>
public static class NcrRegistryExtensions
{
    public static IServiceCollection AddNcrRegistry(this IServiceCollection services) => services
        .AddSingleton<Authenticator>()
        .AddSingleton<TokenEndpoint>()
        .AddSingleton<BlobEndpoints>()
        .AddSingleton<UploadEndpoints>()
        .AddSingleton<ManifestEndpoints>()
        .AddSingleton<TagsEndpoint>()
        .AddSingleton<CatalogEndpoint>()
        .AddSingleton<ReferrersEndpoint>()
        .AddSingleton<RegistryHandler>()
        .AddSingleton(s => new RequestWatch(s.GetRequiredService<RegistryHandler>(), s.GetRequiredService<NcrOptions>(), s.GetRequiredService<ILoggerFactory>()));

    /// <summary>
    /// Answers <c>/v2</c> and <c>/auth/token</c>. It goes before everything meant for pages: their redirects, error pages and
    /// antiforgery checks must never reach a client, nor cost it time.
    /// </summary>
    public static IApplicationBuilder UseNcrRegistry(this IApplicationBuilder app)
    {
        var watch = app.ApplicationServices.GetRequiredService<RequestWatch>();
        return app.Use((context, next) =>
            context.Request.Path.StartsWithSegments("/v2", StringComparison.Ordinal, out var rest) ? watch.HandleV2Async(context, rest.Value ?? "")
            : context.Request.Path.Equals("/auth/token", StringComparison.Ordinal) ? watch.HandleTokenAsync(context)
            : next(context));
    }
}
