using System.Net;

namespace Ncr.Core.Access;

/// <summary>A client's address as events and the throttle know it.</summary>
public static class ClientAddress
{
    /// <summary>IPv4 as such, also where the system wraps it into IPv6.</summary>
    public static string? Of(IPAddress? address) => (address?.IsIPv4MappedToIPv6 == true ? address.MapToIPv4() : address)?.ToString();
}
