using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Ncr.Core.Access;
using Ncr.Core.Hosting;
using Ncr.Registry.Auth;
using Ncr.Registry.Telemetry;
using IPNetwork = System.Net.IPNetwork;

namespace Ncr.Web.Hosting;

/// <summary>Believes a reverse proxy about address, scheme, host and the request's id, if it is on the list.</summary>
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

    public static void UseNcrForwardedHeaders(this IApplicationBuilder app, NcrOptions settings)
    {
        var proxy = settings.ReverseProxy;
        var addresses = proxy.AddressList.Select(a => IPAddress.TryParse(a, out var single) ? new IPNetwork(single, single.GetAddressBytes().Length * 8) : IPNetwork.Parse(a)).ToArray();
        app.Use((context, next) =>
        {
            // Anybody else could make lines of the log that pass for those of another request.
            if (context.Request.Headers.ContainsKey(RequestId.Header) && !IsListed(addresses, context.Connection.RemoteIpAddress))
            {
                context.Request.Headers.Remove(RequestId.Header);
            }

            return next(context);
        });
        if (addresses.Length > 0)
        {
            app.UseForwardedHeaders();
        }

        var privatePorts = settings.Private.Ports;
        app.Use((context, next) =>
        {
            var entrance = privatePorts.Contains(context.Connection.LocalPort) ? Entrance.Private : Entrance.Usual;

            // What listed proxies wrote was taken out above. What is left was written by another, so the address is that one's and not the client's.
            if (context.Request.Headers.ContainsKey(ForwardedHeadersDefaults.XForwardedForHeaderName) || context.Request.Headers.ContainsKey("Forwarded"))
            {
                entrance |= Entrance.Relayed;
            }

            if (entrance != Entrance.Usual)
            {
                RequestOrigin.Note(context, entrance);
            }

            return next(context);
        });
    }

    private static bool IsListed(IPNetwork[] addresses, IPAddress? address) =>
        address is not null && Array.Exists(addresses, a => a.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));
}
