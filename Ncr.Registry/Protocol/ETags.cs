using Microsoft.AspNetCore.Http;

namespace Ncr.Registry.Protocol;

/// <summary>If-None-Match (RFC 9110 § 13.1.2).</summary>
internal static class ETags
{
    public static bool Matches(HttpRequest request, string etag)
    {
        foreach (var value in request.Headers.IfNoneMatch)
        {
            foreach (var part in (value ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                if (part == "*" || part == etag || (part.StartsWith("W/", StringComparison.Ordinal) && part.AsSpan(2).SequenceEqual(etag)))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
