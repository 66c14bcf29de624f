using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using MudBlazor;
using Ncr.Core.Events;
using Ncr.Core.Paging;

namespace Ncr.Web.Components.Shared;

/// <summary>
/// A list with search, sorting and pages, all done in SQL by Core. The address alone holds its state; when something changes, the
/// rows are read again and drawn over the old ones.
/// </summary>
public sealed partial class DataList<TRow>(NavigationManager navigation, IJSRuntime js)
{
    private ListState _state = ListState.Start;
    private PageOf<TRow>? _page;
    private CancellationTokenSource? _loading;
    private string? _search;
    private string? _refusal;
    private string _path = "";
    private ListView _view = ListView.Default;
    private readonly Dictionary<string, TRow> _selected = [];
    private readonly HashSet<string> _open = [];

    [Parameter, EditorRequired]
    public Func<PageRequest, CancellationToken, Task<PageOf<TRow>>> Load { get; set; } = null!;

    [Parameter, EditorRequired]
    public IReadOnlyList<DataColumn> Columns { get; set; } = [];

    [Parameter, EditorRequired]
    public RenderFragment<TRow> Row { get; set; } = null!;

    /// <summary>Which changes it is read again for.</summary>
    [Parameter, EditorRequired]
    public Func<Change, bool> Follows { get; set; } = null!;

    /// <summary>What the list is of, for screen readers.</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    /// <summary>One row's name, such as "image".</summary>
    [Parameter, EditorRequired]
    public string RowName { get; set; } = "";

    /// <summary>Several of them; null when an s does it.</summary>
    [Parameter]
    public string? RowNames { get; set; }

    /// <summary>Whether it can be searched by a text.</summary>
    [Parameter]
    public bool HasSearch { get; set; } = true;

    [Parameter]
    public string SearchLabel { get; set; } = "Search by name";

    /// <summary>What the names of its parameters in the address begin with, where two lists share a page.</summary>
    [Parameter]
    public string Prefix { get; set; } = "";

    /// <summary>Whether a row is the one that is shown beside the list.</summary>
    [Parameter]
    public Func<TRow, bool>? IsShown { get; set; }

    /// <summary>The order without a choice, as it stands in the address: <c>-PushedAt</c>.</summary>
    [Parameter]
    public string DefaultSort { get; set; } = "Name";

    /// <summary>Shown instead when there is nothing at all.</summary>
    [Parameter]
    public RenderFragment? Empty { get; set; }

    /// <summary>What can be done with selected rows; null when rows can't be selected.</summary>
    [Parameter]
    public RenderFragment<IReadOnlyList<TRow>>? SelectionActions { get; set; }

    /// <summary>Whether the signed-in user may do any of that.</summary>
    [Parameter]
    public bool IsSelectable { get; set; } = true;

    /// <summary>Tells rows apart, for selecting and opening them.</summary>
    [Parameter]
    public Func<TRow, string> KeyOf { get; set; } = row => row?.ToString() ?? "";

    /// <summary>What a row is called, for screen readers.</summary>
    [Parameter]
    public Func<TRow, string> NameOf { get; set; } = row => row?.ToString() ?? "";

    /// <summary>What an opened row shows below itself; see <see cref="Toggle"/>.</summary>
    [Parameter]
    public RenderFragment<TRow>? Detail { get; set; }

    /// <summary>Choices that narrow the list, by <see cref="SetFilter"/>.</summary>
    [Parameter]
    public RenderFragment? Filters { get; set; }

    /// <summary>Buttons for the whole list.</summary>
    [Parameter]
    public RenderFragment? Tools { get; set; }

    /// <summary>What of the list is shown, as the address says it; null for all.</summary>
    public string? Filter => _state.Filter;

    private bool HasSelection => SelectionActions is not null && IsSelectable;

    private string TableClass =>
        $"list-table{(_view.IsDense ? " dense" : "")}{string.Concat(Columns.Select((column, i) => _view.Hidden.Contains(column.Title) ? $" hide-{i + (HasSelection ? 2 : 1)}" : ""))}";

    // A click anywhere on a row that can be shown beside the list does so: see data-row-open in console.js.
    private string RowClass(TRow row, int index) => IsShown is null ? "" : IsShown(row) ? "opens shown" : "opens";

    private string NothingFound => (_state.Search, _state.Filter) switch
    {
        (null, null) => $"There are no {RowNames ?? RowName + "s"}.",
        (null, _) => $"There is no {RowName} of this kind.",
        (var search, null) => $"No {RowName} matches “{search}”.",
        var (search, _) => $"No {RowName} of this kind matches “{search}”.",
    };

    private bool IsPageSelected => _page is { Items.Count: > 0 } page && page.Items.All(r => _selected.ContainsKey(KeyOf(r)));

    private bool IsNarrowed => _state.Search is not null || _state.Filter is not null;

    protected override async Task OnInitializedAsync()
    {
        _path = PathOf(navigation.Uri);
        _state = ListState.Parse(navigation.Uri, Prefix);
        _search = _state.Search;
        navigation.LocationChanged += OnLocationChanged;
        _view = await ListView.LoadAsync(js, Label);
        await RefreshAsync();
    }

    protected override bool Concerns(Change change) => Follows(change);

    protected override async Task RefreshAsync()
    {
        _loading?.Cancel();
        using var loading = CancellationTokenSource.CreateLinkedTokenSource(Disposing);
        _loading = loading;
        try
        {
            var page = await Load(_state.ToRequest(), loading.Token);
            _page = page;
            _refusal = null;
            foreach (var row in page.Items.Where(r => _selected.ContainsKey(KeyOf(r))))
            {
                _selected[KeyOf(row)] = row; // As it is now.
            }
        }
        catch (OperationCanceledException) when (loading.IsCancellationRequested)
        {
            // A later reading has taken over, or the page was left.
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            _refusal = refusal.Message;
        }
        finally
        {
            if (_loading == loading)
            {
                _loading = null;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        navigation.LocationChanged -= OnLocationChanged;
        base.Dispose(disposing);
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e)
    {
        var state = ListState.Parse(e.Location, Prefix);
        if (PathOf(e.Location) != _path || state == _state)
        {
            return;
        }

        if (state.Search != _state.Search)
        {
            _search = state.Search;
        }

        _state = state;
        _ = InvokeAsync(async () =>
        {
            try
            {
                await RefreshAsync();
                StateHasChanged();
            }
            catch (Exception exception) // Nobody awaits this but the circuit.
            {
                await DispatchExceptionAsync(exception);
            }
        });
    }

    /// <summary>Shows what belongs to a row, or hides it again.</summary>
    public void Toggle(TRow row)
    {
        if (!_open.Remove(KeyOf(row)))
        {
            _open.Add(KeyOf(row));
        }
    }

    public bool IsOpen(TRow row) => _open.Contains(KeyOf(row));

    public void ClearSelection() => _selected.Clear();

    /// <summary>Of what was done with these; a question that was answered with no leaves the choice as it was.</summary>
    public void Deselect(IEnumerable<TRow> rows)
    {
        foreach (var row in rows)
        {
            _selected.Remove(KeyOf(row));
        }
    }

    /// <summary>Narrows the list to what the filter says.</summary>
    public void SetFilter(string? filter) => Go((_state with { Filter = filter }).ToFirstPage());

    private void Select(TRow row)
    {
        if (!_selected.Remove(KeyOf(row)))
        {
            _selected[KeyOf(row)] = row;
        }
    }

    private void SelectPage()
    {
        var isSelected = IsPageSelected;
        foreach (var row in _page!.Items)
        {
            if (isSelected)
            {
                _selected.Remove(KeyOf(row));
            }
            else
            {
                _selected[KeyOf(row)] = row;
            }
        }
    }

    private async Task ChangeViewAsync(ListView view)
    {
        _view = view;
        await view.SaveAsync(js, Label);
    }

    private void Search(string? text)
    {
        _search = text;
        Go((_state with { Search = string.IsNullOrWhiteSpace(text) ? null : text.Trim() }).ToFirstPage(), replace: true);
    }

    private void Resize(ChangeEventArgs e) =>
        Go((_state with { Size = int.Parse((string)e.Value!, CultureInfo.InvariantCulture) }).ToFirstPage());

    private string? PreviousUrl => _page?.Previous is { } cursor ? UrlOf(_state with { After = null, Before = cursor }) : null;

    private string? NextUrl => _page?.Next is { } cursor ? UrlOf(_state with { After = cursor, Before = null }) : null;

    private string Count(PageOf<TRow> page) =>
        $"{(page.IsTotalCut ? "more than " : "")}{Words.Count(page.Total, RowName, RowNames)}{(IsNarrowed ? " found" : "")}";

    private void Go(ListState state, bool replace = false) => navigation.NavigateTo(UrlOf(state), replace: replace);

    private string UrlOf(ListState state) => navigation.GetUriWithQueryParameters(state.ToQuery(Prefix));

    private (string Sort, bool Descending) Order()
    {
        var descending = DefaultSort.StartsWith('-');
        return _state.Sort is { } sort ? (sort, _state.Descending) : (DefaultSort[(descending ? 1 : 0)..], descending);
    }

    private string SortUrl(DataColumn column)
    {
        var (sort, descending) = Order();
        return UrlOf(_state.ToFirstPage() with { Sort = column.Sort, Descending = sort == column.Sort ? !descending : column.DescendingFirst });
    }

    private string? AriaSort(DataColumn column)
    {
        var (sort, descending) = Order();
        return column.Sort is null || column.Sort != sort ? null : descending ? "descending" : "ascending";
    }

    private string SortIcon(DataColumn column) => AriaSort(column) switch
    {
        "ascending" => Icons.Material.Filled.ArrowUpward,
        "descending" => Icons.Material.Filled.ArrowDownward,
        _ => Icons.Material.Filled.UnfoldMore,
    };

    private static string PathOf(string uri) => new Uri(uri).AbsolutePath;
}
