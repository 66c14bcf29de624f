namespace Ncr.Core.Hosting;

/// <summary>Whose <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> are believed. Nobody's by default.</summary>
public sealed class ReverseProxyOptions
{
    /// <summary>Addresses and networks (<c>10.0.0.0/8</c>) of the proxies, with commas.</summary>
    public string? Addresses { get; set; }

    public IReadOnlyList<string> AddressList => NcrOptionsReader.Split(Addresses);
}
