using System.Globalization;

namespace Ncr.Core.Hosting;

/// <summary>The private URI: where registries whose public URI is off can still be reached.</summary>
public sealed class PrivateOptions
{
    /// <summary>The address of the private URI, such as <c>https://registry.internal.example.com</c>; for links and commands. It opens nothing by itself.</summary>
    public string? Address { get; set; }

    /// <summary>A listener of its own, such as <c>https://10.0.0.5:5444</c>, with a port that no other has. Who comes in by it is private: let only private networks reach it.</summary>
    public string? Urls { get; set; }

    /// <summary>The networks that are private, by whatever listener: <c>10.0.0.0/8, fd00::/8</c>.</summary>
    public string? Networks { get; set; }

    /// <summary>Its listeners, with semicolons between as in ASP.NET Core.</summary>
    public IReadOnlyList<string> UrlList => Urls?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>The ports that only private requests come in by.</summary>
    public IReadOnlySet<int> Ports => UrlList.Select(PortOf).OfType<int>().ToHashSet();

    /// <summary>The port of a listener's address, whose host may be <c>*</c>; null when it has none.</summary>
    public static int? PortOf(string url) =>
        url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            ? int.TryParse(url.TrimEnd('/')[(url.TrimEnd('/').LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null
            : null;
}
