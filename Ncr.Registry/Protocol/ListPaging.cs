using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Ncr.Registry.Protocol;

/// <summary>The <c>n</c> and <c>last</c> of lists, and the Link to the next page (distribution-spec, "Listing Tags").</summary>
internal readonly record struct ListPaging(int Count, string? Last)
{
    /// <summary>Names given when the client asks for all, or for more; the rest comes by Link.</summary>
    public const int MaxNames = 50_000;

    /// <returns>Null when <c>n</c> is no number or negative: then the answer is written.</returns>
    public static async Task<ListPaging?> ReadAsync(HttpContext context, int most)
    {
        var count = most;
        if (context.Request.Query.TryGetValue("n", out var n) && !string.IsNullOrEmpty(n))
        {
            if (!long.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var asked))
            {
                await RegistryErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "PAGINATION_NUMBER_INVALID", $"n is '{n}'; it must be a whole number, 0 or more.", new { n = n.ToString() });
                return null;
            }

            count = (int)Math.Min(asked, most);
        }

        return new ListPaging(count, context.Request.Query["last"]);
    }

    /// <summary>Announces the next page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="count">Its page's length.</param>
    /// <param name="last">The last entry of this page.</param>
    /// <param name="keep">A query parameter to carry over, such as a filter.</param>
    public static void AddLink(HttpContext context, int count, string last, string? keep = null)
    {
        var query = $"n={count.ToString(CultureInfo.InvariantCulture)}&last={Uri.EscapeDataString(last)}";
        if (keep is not null && context.Request.Query[keep].ToString() is { Length: > 0 } value)
        {
            query += $"&{keep}={Uri.EscapeDataString(value)}";
        }

        context.Response.Headers.Link = $"<{context.Request.PathBase}{context.Request.Path}?{query}>; rel=\"next\"";
    }
}
