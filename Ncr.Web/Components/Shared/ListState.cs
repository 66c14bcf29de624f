using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Ncr.Core.Paging;

namespace Ncr.Web.Components.Shared;

/// <summary>What part of a list a page shows, as its address says it; so Back, reload and links keep it.</summary>
internal sealed record ListState(string? Search, string? Filter, string? After, string? Before, int Size, string? Sort, bool Descending)
{
    public const int DefaultSize = 25;
    private const string SearchKey = "q";
    public const string FilterKey = "show";
    private const string AfterKey = "after";
    private const string BeforeKey = "before";
    private const string SizeKey = "size";
    private const string SortKey = "sort";

    public static readonly int[] Sizes = [25, 50, 100];

    /// <summary>A list's beginning, as nobody has touched it.</summary>
    public static readonly ListState Start = new(null, null, null, null, DefaultSize, null, false);

    /// <param name="uri">The page's address.</param>
    /// <param name="prefix">What the names begin with, where two lists share an address.</param>
    public static ListState Parse(string uri, string prefix = "")
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        var sort = Text(SortKey) ?? "";
        var descending = sort.StartsWith('-');
        var size = int.TryParse(Text(SizeKey), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return new ListState(
            Text(SearchKey), Text(FilterKey), Text(AfterKey), Text(BeforeKey), Sizes.Contains(size) ? size : DefaultSize, sort.Length == 0 ? null : sort[(descending ? 1 : 0)..], descending);

        string? Text(string key) => query.TryGetValue(prefix + key, out var text) && !string.IsNullOrWhiteSpace(text) ? text.ToString() : null;
    }

    public bool IsFirstPage => After is null && Before is null;

    public ListState ToFirstPage() => this with { After = null, Before = null };

    public PageRequest ToRequest() => new(Size, Search, Sort, Descending, After, Before, Filter);

    /// <summary>For <c>GetUriWithQueryParameters</c>; what is as by default is left out.</summary>
    public Dictionary<string, object?> ToQuery(string prefix = "") => new()
    {
        [prefix + SearchKey] = string.IsNullOrWhiteSpace(Search) ? null : Search.Trim(),
        [prefix + FilterKey] = Filter,
        [prefix + AfterKey] = After,
        [prefix + BeforeKey] = Before,
        [prefix + SizeKey] = Size == DefaultSize ? null : Size,
        [prefix + SortKey] = Sort is null ? null : (Descending ? "-" : "") + Sort,
    };

    /// <summary>For leaving a list behind.</summary>
    public static Dictionary<string, object?> Cleared(string prefix = "") => Start.ToQuery(prefix);
}
