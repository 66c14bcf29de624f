using System.Net;
using Ncr.Core.Hosting;

namespace Ncr.Core.Outgoing;

/// <summary>Decides which hosts and addresses this server may call.</summary>
internal sealed class OutgoingPolicy
{
    private readonly HostList _allow;
    private readonly HostList _deny;
    private readonly HashSet<string> _trusted = new(StringComparer.OrdinalIgnoreCase);

    public OutgoingPolicy(NcrOptions options)
    {
        _allow = HostList.Parse(options.Outgoing.Allow);
        _deny = HostList.Parse(options.Outgoing.Deny);
        Proxy = options.Outgoing.Proxy is { } proxy ? new Uri(proxy) : null;

        // Who writes an address into the settings wants it called.
        if (options.Oidc.Authority is { } authority)
        {
            _trusted.Add(new Uri(authority).Host.Trim('[', ']'));
        }
    }

    /// <summary>The proxy that all calls go through; null for none.</summary>
    public Uri? Proxy { get; }

    /// <summary>Looks at a host as it was written, before its name is resolved.</summary>
    /// <exception cref="OutgoingException">It may not be called.</exception>
    public void CheckHost(string host)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
        {
            CheckAddress(host, address);
        }
        else if (_deny.HasName(host))
        {
            throw Denied(host);
        }
        else if (IsLocalName(host) && !IsAllowed(host))
        {
            throw new OutgoingException(OutgoingFault.Refused, $"'{host}' is a name of this machine itself, which is not called. If it should be, add it to Ncr:Outgoing:Allow.");
        }
    }

    /// <summary>Looks at the very address that is about to be connected to.</summary>
    /// <exception cref="OutgoingException">It may not be called.</exception>
    public void CheckAddress(string host, IPAddress address)
    {
        var forms = SpecialAddresses.FormsOf(address);
        var bare = host.Trim('[', ']');
        var shown = bare == address.ToString() ? bare : $"{bare} ({address})";
        if (_deny.HasName(bare) || forms.Any(_deny.HasAddress))
        {
            throw Denied(shown);
        }

        if (SpecialAddresses.Explain(address) is { } what && !IsAllowed(bare) && !forms.Any(_allow.HasAddress))
        {
            throw new OutgoingException(OutgoingFault.Refused, $"'{shown}' is {what}, which is not called. If it should be, add it to Ncr:Outgoing:Allow.");
        }
    }

    /// <summary>Names that mean this machine whatever a name server says; a proxy would resolve them for itself.</summary>
    private static bool IsLocalName(string host) =>
        host.TrimEnd('.') is var name && (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase));

    private static OutgoingException Denied(string host) => new(OutgoingFault.Refused, $"'{host}' may not be called: Ncr:Outgoing:Deny names it.");

    private bool IsAllowed(string host) => _allow.HasName(host) || _trusted.Contains(host.TrimEnd('.'));
}
