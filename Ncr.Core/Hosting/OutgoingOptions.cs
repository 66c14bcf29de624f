namespace Ncr.Core.Hosting;

/// <summary>Where this server may call out to.</summary>
public sealed class OutgoingOptions
{
    /// <summary>Addresses, networks and host names (<c>*.example.com</c> too), with commas, that may be called although they are refused by default.</summary>
    public string? Allow { get; set; }

    /// <summary>Those that may never be called, whatever else says so.</summary>
    public string? Deny { get; set; }

    /// <summary>A proxy for all calls, such as <c>http://proxy.example.com:3128</c>.</summary>
    public string? Proxy { get; set; }
}
