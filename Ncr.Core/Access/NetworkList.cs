using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ncr.Core.Access;

/// <summary>Networks by CIDR, IPv4 and IPv6; a single address is a network of one.</summary>
public sealed class NetworkList
{
    /// <summary>How many a list may have.</summary>
    public const int MaxNetworks = 50;

    /// <summary>Bits before the IPv4 address in one that is written as IPv6.</summary>
    private const int MappedPrefix = 96;

    private readonly IPNetwork[] _networks;

    private NetworkList(IPNetwork[] networks) => _networks = networks;

    /// <summary>Reads a list with commas, spaces or lines between.</summary>
    /// <param name="text">Such as <c>10.0.0.0/8, 2001:db8::/32, 192.0.2.7</c>.</param>
    /// <param name="list">The networks, when all are well written.</param>
    /// <param name="fault">What is wrong otherwise.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out NetworkList? list, [NotNullWhen(false)] out string? fault)
    {
        list = null;
        var networks = new List<IPNetwork>();
        foreach (var part in text.Split([',', ' ', '\n', '\r', '\t', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (Read(part) is { } network)
            {
                networks.Add(network);
            }
            else
            {
                fault = $"'{part}' is no network. Write an address or a network such as 10.0.0.0/8 or 2001:db8::/32{(part.Contains('/', StringComparison.Ordinal) ? "; the bits after its length have to be zero" : "")}.";
                return false;
            }
        }

        if (networks.Count > MaxNetworks)
        {
            fault = $"At most {MaxNetworks} networks.";
            return false;
        }

        (list, fault) = (new NetworkList([.. networks]), null);
        return true;
    }

    /// <exception cref="FormatException">What <see cref="TryParse"/> would say.</exception>
    public static NetworkList Parse(string text) => TryParse(text, out var list, out var fault) ? list : throw new FormatException(fault);

    public bool IsEmpty => _networks.Length == 0;

    /// <summary>Whether an address is in one of them; an IPv4 address that came by IPv6 counts as what it is.</summary>
    public bool Contains(string? address) =>
        IPAddress.TryParse(address, out var parsed) && Contains(parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed);

    private static IPNetwork? Read(string part)
    {
        var slash = part.IndexOf('/', StringComparison.Ordinal);
        if (!TryReadAddress(slash < 0 ? part : part[..slash], out var address))
        {
            return null;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(part[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
        {
            return null;
        }

        // Addresses are compared as what they are, so the networks have to be written that way too.
        if (address.IsIPv4MappedToIPv6 && length >= MappedPrefix)
        {
            (address, length) = (address.MapToIPv4(), length - MappedPrefix);
        }

        // .NET drops bits after the length; whoever wrote them may have meant something else.
        var network = IPNetwork.Parse($"{address}/{length}");
        return network.BaseAddress.Equals(address) ? network : null;
    }

    /// <summary>Whole addresses alone: .NET also takes <c>10</c> for 0.0.0.10 and addresses with a zone, which no network has.</summary>
    private static bool TryReadAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        var isVersion6 = text.Contains(':', StringComparison.Ordinal);
        var parts = text.Split('.');
        return (isVersion6 ? text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.') : parts.Length == 4 && parts.All(p => p.Length is > 0 and < 4 && p.All(char.IsAsciiDigit) && (p is "0" || p[0] != '0')))
            && IPAddress.TryParse(text, out address);
    }

    private bool Contains(IPAddress address)
    {
        foreach (var network in _networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>With commas between, as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Join(',', _networks.Select(n => n.ToString()));
}
