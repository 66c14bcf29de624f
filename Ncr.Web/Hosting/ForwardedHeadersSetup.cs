using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Ncr.Core.Hosting;
using IPNetwork = System.Net.IPNetwork;

namespace Ncr.Web.Hosting;

/// <summary>Believes a reverse proxy about address, scheme and host, if it is on the list.</summary>
internal static class ForwardedHeadersSetup
{
    public static void AddNcrForwardedHeaders(this IServiceCollection services, ReverseProxyOptions proxy) =>
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            options.ForwardLimit = null; // As far back as the chain consists of listed proxies.
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var address in proxy.AddressList)
            {
                if (IPAddress.TryParse(address, out var single))
                {
                    options.KnownProxies.Add(single);
                }
                else
                {
                    options.KnownIPNetworks.Add(IPNetwork.Parse(address));
                }
            }
        });

    public static void UseNcrForwardedHeaders(this IApplicationBuilder app, ReverseProxyOptions proxy)
    {
        if (proxy.AddressList.Count > 0)
        {
            app.UseForwardedHeaders();
        }
    }
}
