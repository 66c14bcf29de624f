using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using MudBlazor;
using Ncr.Core.Search;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Search;

/// <summary>Search from anywhere. The focus stays in the box; the arrows move the choice among what was found (the combobox pattern).</summary>
public sealed partial class SearchDialog(SearchService search, CurrentActor actor, NavigationManager navigation, IJSRuntime js, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(150);

    private ElementReference _input;
    private CancellationTokenSource? _searching;
    private IReadOnlyList<SearchGroup> _groups = [];
    private IReadOnlyList<string> _marks = [];
    private string? _found;
    private string? _refusal;
    private int _active;
    private bool _opensFirst;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    private List<SearchHit> Hits { get; set; } = [];

    private string? ActiveId => Hits.Count > 0 ? IdOf(_active) : null;

    private string Spoken => _found is null ? "" : Hits.Count == 0 ? "Nothing found." : $"{Words.Count(Hits.Count, "result")}.";

    public void Dispose()
    {
        _searching?.Cancel();
        _searching = null;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _input.FocusAsync();
        }
    }

    /// <summary>Waits for a pause in the typing; what was asked before is given up.</summary>
    private async Task Type(ChangeEventArgs e)
    {
        var text = (e.Value as string ?? "").Trim();
        _searching?.Cancel();
        _opensFirst = false;
        using var searching = new CancellationTokenSource();
        _searching = searching;
        try
        {
            if (text.Length == 0)
            {
                Show(null, []);
                return;
            }

            await Task.Delay(Debounce, clock, searching.Token);
            var groups = await search.SearchAsync(await actor.GetAsync(), text, searching.Token);
            searching.Token.ThrowIfCancellationRequested();
            Show(text, groups);
            if (_opensFirst)
            {
                Open();
            }
        }
        catch (OperationCanceledException) when (searching.IsCancellationRequested)
        {
            // More was typed, or the dialog is closed.
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            Show(null, []);
            _refusal = refusal.Message;
        }
        finally
        {
            if (_searching == searching)
            {
                _searching = null;
            }
        }
    }

    private async Task PressAsync(KeyboardEventArgs e)
    {
        if (e.IsComposing)
        {
            return; // Enter ends a word of an input method.
        }

        switch (e.Key)
        {
            case "ArrowDown" when Hits.Count > 0:
                await MoveAsync((_active + 1) % Hits.Count);
                break;
            case "ArrowUp" when Hits.Count > 0:
                await MoveAsync((_active + Hits.Count - 1) % Hits.Count);
                break;
            case "Enter" when _searching is not null:
                _opensFirst = true; // Who types and presses Enter at once means what was typed.
                break;
            case "Enter":
                Open();
                break;
        }
    }

    private async Task MoveAsync(int index)
    {
        _active = index;
        await js.InvokeVoidAsync("ncr.reveal", IdOf(index));
    }

    private void Open()
    {
        if (Hits.Count > 0)
        {
            navigation.NavigateTo(UrlOf(Hits[_active]));
            Dialog.Close(true);
        }
    }

    private void Show(string? text, IReadOnlyList<SearchGroup> groups)
    {
        _found = text;
        _groups = groups;
        Hits = [.. groups.SelectMany(g => g.Hits)];
        _marks = MarksOf(text ?? "");
        _active = 0;
        _refusal = null;
    }

    /// <summary>The whole, else its parts: <c>team/web:1.2</c> finds tags that begin with <c>1.2</c>.</summary>
    private static string[] MarksOf(string text)
    {
        var parts = text.Split(['@', ':', '='], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Reverse();
        return [text, .. parts, text[(text.IndexOf('/', StringComparison.Ordinal) + 1)..]];
    }

    private int IndexOf(SearchHit hit) => Hits.FindIndex(h => ReferenceEquals(h, hit));

    private static string IdOf(int index) => $"search-hit-{index}";

    private static string Place(SearchHit hit) => hit.Tag is null ? $"{hit.Registry}/{hit.Image}" : $"{hit.Registry}/{hit.Image}:{hit.Tag}";

    private static string UrlOf(SearchHit hit) => hit switch
    {
        { Image: null } => ConsoleUrls.Registry(hit.Registry),
        { Digest: null } => ConsoleUrls.Image(hit.Registry, hit.Image),
        _ => ConsoleUrls.Artifact(hit.Registry, hit.Image, hit.Digest),
    };

    private static string KindOf(SearchKind kind) => kind switch
    {
        SearchKind.Registry => "Registries",
        SearchKind.Image => "Images",
        SearchKind.Tag => "Tags",
        SearchKind.Digest => "Digests",
        _ => "Labels and annotations",
    };

    private static string MoreOf(SearchKind kind) => kind switch
    {
        SearchKind.Registry or SearchKind.Image => "type more of the name",
        SearchKind.Tag => "type more of it, or image:tag",
        SearchKind.Digest => "type more digits",
        _ => "type more, or name=value",
    };

    private static string IconOf(SearchKind kind) => kind switch
    {
        SearchKind.Registry => Icons.Material.Outlined.Layers,
        SearchKind.Image => Icons.Material.Outlined.ViewInAr,
        SearchKind.Tag => Icons.Material.Outlined.LocalOffer,
        SearchKind.Digest => Icons.Material.Outlined.Fingerprint,
        _ => Icons.Material.Outlined.Label,
    };
}
