using System.Net;
using System.Net.Sockets;

namespace Ncr.Core.Outgoing;

/// <summary>Addresses that lead to this machine, to its link or to who hosts it: nobody who may only name an address shall reach them.</summary>
internal static class SpecialAddresses
{
    private static readonly (IPNetwork Network, string What)[] Known =
    [
        (IPNetwork.Parse("0.0.0.0/8"), "an unspecified address"),
        (IPNetwork.Parse("127.0.0.0/8"), "an address of this machine itself"),
        (IPNetwork.Parse("169.254.169.254/32"), "where a cloud keeps its machines' credentials"),
        (IPNetwork.Parse("169.254.0.0/16"), "a link-local address"),
        (IPNetwork.Parse("100.100.100.200/32"), "where a cloud keeps its machines' credentials"),
        (IPNetwork.Parse("168.63.129.16/32"), "where a cloud keeps its machines' credentials"),
        (IPNetwork.Parse("192.0.0.192/32"), "where a cloud keeps its machines' credentials"),
        (IPNetwork.Parse("224.0.0.0/4"), "a multicast address"),
        (IPNetwork.Parse("240.0.0.0/4"), "a reserved address"),
        (IPNetwork.Parse("::/128"), "an unspecified address"),
        (IPNetwork.Parse("::1/128"), "an address of this machine itself"),
        (IPNetwork.Parse("fe80::/10"), "a link-local address"),
        (IPNetwork.Parse("ff00::/8"), "a multicast address"),
        (IPNetwork.Parse("fd00:ec2::254/128"), "where a cloud keeps its machines' credentials"),
        (IPNetwork.Parse("fd20:ce::254/128"), "where a cloud keeps its machines' credentials"),

        // What a translator of one's own, or a tunnel, makes of the rest can't be known.
        (IPNetwork.Parse("64:ff9b:1::/48"), "an address that is translated to another"),
        (IPNetwork.Parse("2001::/32"), "an address that is tunnelled to another"),
    ];

    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");

    /// <summary>The address as it is, and the IPv4 address it stands for, if it does.</summary>
    public static IReadOnlyList<IPAddress> FormsOf(IPAddress address)
    {
        var plain = new IPAddress(address.GetAddressBytes()); // Without a zone.
        return Inner(plain) is { } inner ? [plain, inner] : [plain];
    }

    /// <summary>What is special about an address; null for an ordinary one.</summary>
    public static string? Explain(IPAddress address)
    {
        foreach (var form in FormsOf(address))
        {
            foreach (var (network, what) in Known)
            {
                if (network.BaseAddress.AddressFamily == form.AddressFamily && network.Contains(form))
                {
                    return what;
                }
            }
        }

        return null;
    }

    private static IPAddress? Inner(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        return SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4))
            : Translated.Contains(address) || (Compatible.Contains(address) && bytes[12] != 0) ? new IPAddress(bytes.AsSpan(12, 4))
            : null;
    }
}
