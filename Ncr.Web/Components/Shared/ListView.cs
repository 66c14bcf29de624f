using System.Text.Json;
using Microsoft.JSInterop;

namespace Ncr.Web.Components.Shared;

/// <summary>How a person likes to see a list, kept by the browser.</summary>
/// <param name="Hidden">Titles of columns that are not shown.</param>
/// <param name="IsDense">Whether rows are low.</param>
internal sealed record ListView(IReadOnlyList<string> Hidden, bool IsDense)
{
    private const string KeyStart = "ncr.list.";

    public static readonly ListView Default = new([], false);

    /// <summary>The list's own look, when the browser keeps none or one that can't be read.</summary>
    public static async Task<ListView> LoadAsync(IJSRuntime js, string list)
    {
        try
        {
            return await js.InvokeAsync<string?>("localStorage.getItem", KeyStart + list) is { Length: > 0 } text ? JsonSerializer.Deserialize<ListView>(text) is { Hidden: not null } view ? view : Default : Default;
        }
        catch (Exception exception) when (exception is JsonException or JSException or JSDisconnectedException)
        {
            return Default; // A browser that keeps nothing, or somebody's own writing.
        }
    }

    public async Task SaveAsync(IJSRuntime js, string list)
    {
        try
        {
            await js.InvokeVoidAsync("localStorage.setItem", KeyStart + list, JsonSerializer.Serialize(this));
        }
        catch (JSException)
        {
            // A browser that keeps nothing: it holds until the page is left.
        }
    }

    public ListView Toggle(string column) =>
        this with { Hidden = Hidden.Contains(column) ? [.. Hidden.Where(h => h != column)] : [.. Hidden, column] };
}
