using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Ncr.Core.Paging;

namespace Ncr.Web.Components.Shared;

/// <summary>What part of a list a page shows, as its address says it; so Back, reload and links keep it.</summary>
internal sealed record ListState(string? Search, int Page, int Size, string? Sort, bool Descending)
{
    public const int DefaultSize = 25;
    private const string SearchKey = "q";
    private const string PageKey = "page";
    private const string SizeKey = "size";
    private const string SortKey = "sort";

    public static readonly int[] Sizes = [25, 50, 100];

    public static ListState Parse(string uri)
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        var search = query.TryGetValue(SearchKey, out var text) && !string.IsNullOrWhiteSpace(text) ? text.ToString() : null;
        var sort = query.TryGetValue(SortKey, out var given) ? given.ToString() : "";
        var descending = sort.StartsWith('-');
        var size = Number(query, SizeKey);
        return new ListState(search, Math.Max(1, Number(query, PageKey)), Sizes.Contains(size) ? size : DefaultSize, sort.Length == 0 ? null : sort[(descending ? 1 : 0)..], descending);
    }

    public PageRequest ToRequest() => new((Page - 1) * Size, Size, Search, Sort, Descending);

    /// <summary>For <c>GetUriWithQueryParameters</c>; what is as by default is left out.</summary>
    public Dictionary<string, object?> ToQuery() => new()
    {
        [SearchKey] = string.IsNullOrWhiteSpace(Search) ? null : Search.Trim(),
        [PageKey] = Page > 1 ? Page : null,
        [SizeKey] = Size == DefaultSize ? null : Size,
        [SortKey] = Sort is null ? null : (Descending ? "-" : "") + Sort,
    };

    /// <summary>For leaving a list behind.</summary>
    public static Dictionary<string, object?> Cleared() => new() { [SearchKey] = null, [PageKey] = null, [SizeKey] = null, [SortKey] = null };

    private static int Number(Dictionary<string, Microsoft.Extensions.Primitives.StringValues> query, string key) =>
        query.TryGetValue(key, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1_000_000 ? number : 0;
}
