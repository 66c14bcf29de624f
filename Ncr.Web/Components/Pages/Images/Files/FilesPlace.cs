using Microsoft.AspNetCore.WebUtilities;

namespace Ncr.Web.Components.Pages.Images.Files;

/// <summary>Where in a tree of files somebody is, as the address says it.</summary>
/// <param name="Search">What is searched for; null when nothing is.</param>
/// <param name="Folder">The folder that was opened last, such as <c>etc/app</c>; null for none.</param>
internal sealed record FilesPlace(string? Search, string? Folder)
{
    private const string SearchKey = "find";
    private const string FolderKey = "folder";

    /// <param name="uri">The page's address.</param>
    /// <param name="prefix">What the names begin with.</param>
    public static FilesPlace Parse(string uri, string prefix)
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        return new FilesPlace(Text(SearchKey), Text(FolderKey));

        string? Text(string key) => query.TryGetValue(prefix + key, out var text) && !string.IsNullOrWhiteSpace(text) ? text.ToString() : null;
    }

    /// <summary>For <c>GetUriWithQueryParameters</c>.</summary>
    public Dictionary<string, object?> ToQuery(string prefix) => new() { [prefix + SearchKey] = Search, [prefix + FolderKey] = Folder };

    /// <summary>For leaving the tree behind.</summary>
    public static Dictionary<string, object?> Cleared(string prefix) => new FilesPlace(null, null).ToQuery(prefix);
}
