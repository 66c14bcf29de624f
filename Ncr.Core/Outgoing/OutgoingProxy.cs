using System.Net;

namespace Ncr.Core.Outgoing;

/// <summary>One proxy for everything. .NET's own leaves some addresses out.</summary>
internal sealed class OutgoingProxy(Uri proxy) : IWebProxy
{
    public ICredentials? Credentials { get; set; } = proxy.UserInfo is { Length: > 0 } info && info.Split(':', 2) is var parts
        ? new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "")
        : null;

    public Uri? GetProxy(Uri destination) => proxy;

    public bool IsBypassed(Uri host) => false;
}
