using System.Diagnostics.CodeAnalysis;
using System.Net;
using Ncr.Core.Access;

namespace Ncr.Core.Outgoing;

/// <summary>Hosts by name, by address and by network, as the settings write them.</summary>
public sealed class HostList
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>With the dot before them.</summary>
    private readonly List<string> _endings = [];
    private readonly List<NetworkList> _networks = [];

    /// <summary>None.</summary>
    public static HostList Empty { get; } = new();

    /// <summary>Reads a list with commas between.</summary>
    /// <param name="text">Such as <c>10.0.0.0/8, *.example.com, registry.example.org</c>.</param>
    /// <param name="list">The hosts, when all are well written.</param>
    /// <param name="fault">What is wrong otherwise.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out HostList? list, [NotNullWhen(false)] out string? fault)
    {
        list = null;
        var read = new HostList();
        foreach (var part in text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            if (NetworkList.TryParse(part.Trim('[', ']'), out var network, out _) && !network.IsEmpty)
            {
                read._networks.Add(network);
            }
            else if (part.StartsWith("*.", StringComparison.Ordinal) && IsName(part[2..]))
            {
                read._endings.Add(part[1..]);
            }
            else if (IsName(part))
            {
                read._names.Add(part);
            }
            else
            {
                fault = $"'{part}' is no host. Write an address, a network such as 10.0.0.0/8, a name such as host.example.com, or *.example.com for all names below one.";
                return false;
            }
        }

        (list, fault) = (read, null);
        return true;
    }

    /// <exception cref="FormatException">What <see cref="TryParse"/> would say.</exception>
    public static HostList Parse(string? text) => TryParse(text, out var list, out var fault) ? list : throw new FormatException(fault);

    /// <summary>Whether a name is in it; addresses are not names.</summary>
    public bool HasName(string host)
    {
        var name = host.TrimEnd('.');
        return _names.Contains(name) || _endings.Exists(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether an address is in it.</summary>
    public bool HasAddress(IPAddress address)
    {
        var text = address.ToString();
        return _networks.Exists(n => n.Contains(text));
    }

    private static bool IsName(string text) =>
        Uri.CheckHostName(text) == UriHostNameType.Dns && !text.All(c => char.IsAsciiDigit(c) || c == '.') && !text.Contains('_', StringComparison.Ordinal);
}
