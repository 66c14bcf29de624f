using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Blobs;
using Ncr.Core.Images;
using Ncr.Core.Images.Files;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images.Files;

/// <summary>The files of an image or of one of its layers, as a tree that is read bit by bit.</summary>
public sealed partial class ArtifactFiles(FileService files, CurrentActor actor, NavigationManager navigation, IDialogService dialogs)
{
    private const int MaxFaults = 5;
    private const int FirstRows = 200;

    /// <summary>How often more of a folder is shown to find one that the address names: a link shall not unfold hundreds of thousands of rows.</summary>
    private const int MaxUnfolded = 10;

    /// <summary>The topmost folder's number.</summary>
    private const int Root = 0;

    private static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan TypingPause = TimeSpan.FromMilliseconds(250);

    private readonly List<FileLine> _lines = [];
    private CancellationTokenSource _reading = new();
    private LatestProgress _progress = new();
    private FileSource? _source;
    private FileSummary? _summary;
    private FileFolder? _hits;
    private List<FileLine> _hitLines = [];
    private string _search = "";
    private string? _refusal;
    private bool _isReading;

    [Parameter, EditorRequired]
    public ImageName Name { get; set; }

    [Parameter, EditorRequired]
    public Digest Artifact { get; set; }

    [Parameter, EditorRequired]
    public IReadOnlyList<Descriptor> Layers { get; set; } = [];

    /// <summary>The layer's place in the manifest, from 0; null for the whole image.</summary>
    [Parameter]
    public int? Layer { get; set; }

    /// <summary>What the names of its parameters in the address begin with.</summary>
    [Parameter]
    public string Prefix { get; set; } = "";

    private List<FileLine> Shown => _hits is null ? _lines : _hitLines;

    private long MaxDownload => files.Limits.MaxDownload;

    private string ProgressText => _progress.Value switch
    {
        null => "Looking…",
        { IsWaiting: true } p => $"Layer {p.Layer} of {p.LayerCount}: waiting until other layers are read…",
        var p => string.Create(CultureInfo.InvariantCulture, $"Reading layer {p.Layer} of {p.LayerCount}: {ByteSize.Format(p.Read)} of {ByteSize.Format(p.Size)}, {p.Entries:N0} files so far"),
    };

    private string ProgressShare => _progress.Value is { Size: > 0 } p
        ? string.Create(CultureInfo.InvariantCulture, $"{100d * (p.Layer - 1 + (p.Read / (double)p.Size)) / p.LayerCount:0.#}%")
        : "0%";

    public void Dispose()
    {
        _reading.Cancel();
        _reading.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        var source = new FileSource(Name, Artifact, Layers.Count == 1 ? 0 : Layer);
        if (source != _source)
        {
            _source = source;
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        await _reading.CancelAsync();
        _reading.Dispose();
        _reading = new CancellationTokenSource();
        var token = _reading.Token;
        var progress = _progress = new LatestProgress();
        var place = FilesPlace.Parse(navigation.Uri, Prefix);
        (_summary, _hits, _refusal, _search, _isReading) = (null, null, null, place.Search ?? "", true);
        _lines.Clear();
        var drawing = DrawAsync(token);
        await TryAsync(
            async () =>
            {
                var root = await files.ListAsync(await actor.GetAsync(), _source!, Root, 0, FirstRows, progress, token);
                token.ThrowIfCancellationRequested();
                _summary = root.Summary;
                _lines.AddRange(LinesOf(root, Root, 0, 0));
                await OpenToAsync(place.Folder, token);
                await FindAsync(token);
            },
            token);
        if (!token.IsCancellationRequested)
        {
            _isReading = false;
            StateHasChanged();
        }

        await drawing;
    }

    /// <summary>Shows how far it is, for as long as it takes.</summary>
    private async Task DrawAsync(CancellationToken reading)
    {
        using var timer = new PeriodicTimer(DrawInterval);
        try
        {
            while (_isReading && await timer.WaitForNextTickAsync(reading))
            {
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left, or shows something else.
        }
    }

    private async Task ToggleAsync(FileLine line)
    {
        var place = _lines.IndexOf(line);
        if (place < 0)
        {
            return;
        }

        if (line.IsOpen)
        {
            line.IsOpen = false;
            Keep(line.Row!.Path.LastIndexOf('/') is > 0 and var slash ? line.Row.Path[..slash] : null);
            var end = place + 1;
            while (end < _lines.Count && _lines[end].Level > line.Level)
            {
                end++;
            }

            _lines.RemoveRange(place + 1, end - place - 1);
            return;
        }

        Keep(line.Row!.Path);
        await OpenAsync(line);
    }

    private async Task OpenAsync(FileLine line)
    {
        line.IsOpen = true;
        await InsertAsync(line, line.Row!.Node, 0, line.Level + 1);
    }

    /// <summary>Opens a folder and those it is in, as far as they are there.</summary>
    private async Task OpenToAsync(string? folder, CancellationToken token)
    {
        var (parent, level, patience) = (Root, 0, MaxUnfolded);
        for (var end = 0; folder is not null && end < folder.Length; level++)
        {
            end = folder.IndexOf('/', end + 1) is > 0 and var slash ? slash : folder.Length;
            var path = folder[..end];
            FileLine? line;
            while ((line = _lines.Find(l => l.Row is { Kind: FileKind.Folder } row && row.Path == path)) is null)
            {
                if (token.IsCancellationRequested || patience-- == 0
                    || _lines.Find(l => l.Row is null && l.Folder == parent && l.Level == level) is not { } offer || !await ShowMoreAsync(offer))
                {
                    return;
                }
            }

            await OpenAsync(line);
            parent = line.Row!.Node;
        }
    }

    // In the address, so that reload and a sent link show the same.
    private void Keep(string? folder) => navigation.NavigateTo(
        navigation.GetUriWithQueryParameters(new FilesPlace(_search.Length == 0 ? null : _search, folder).ToQuery(Prefix)), replace: true);

    /// <returns>Whether there is more now.</returns>
    private async Task<bool> ShowMoreAsync(FileLine offer) =>
        await InsertAsync(offer, offer.Folder, offer.Known, offer.Level) && _lines.Remove(offer);

    /// <summary>Puts rows of a folder behind a line, if that is still there when they come.</summary>
    private async Task<bool> InsertAsync(FileLine after, int folder, int known, int level)
    {
        var token = _reading.Token;
        return await TryAsync(
            async () =>
            {
                var part = await files.ListAsync(await actor.GetAsync(), _source!, folder, known, FirstRows, null, token);
                token.ThrowIfCancellationRequested();
                if (_lines.IndexOf(after) is >= 0 and var place && (after.Row is null || after.IsOpen))
                {
                    _lines.InsertRange(place + 1, LinesOf(part, folder, known, level));
                }
            },
            token);
    }

    private static IEnumerable<FileLine> LinesOf(FileFolder part, int folder, int known, int level)
    {
        var lines = part.Rows.Select(r => new FileLine(r, level));
        var shown = known + part.Rows.Count;
        return shown < part.Total ? lines.Append(new FileLine(null, level) { Folder = folder, Known = shown, Total = part.Total }) : lines;
    }

    private async Task SearchAsync(ChangeEventArgs change)
    {
        var text = _search = (change.Value as string ?? "").Trim();
        var token = _reading.Token;
        await TryAsync(
            async () =>
            {
                await Task.Delay(text.Length == 0 ? TimeSpan.Zero : TypingPause, token);
                if (text == _search)
                {
                    Keep(FilesPlace.Parse(navigation.Uri, Prefix).Folder);
                    await FindAsync(token);
                }
            },
            token);
    }

    /// <summary>Shows what is called as the search says, or the tree when it says nothing.</summary>
    private async Task FindAsync(CancellationToken token)
    {
        var text = _search;
        if (text.Length == 0)
        {
            _hits = null;
            return;
        }

        var hits = await files.SearchAsync(await actor.GetAsync(), _source!, text, token);
        if (text == _search)
        {
            (_hits, _hitLines) = (hits, [.. hits.Rows.Select(r => new FileLine(r, 0))]);
        }
    }

    private async Task ShowAsync(FileRow row)
    {
        var parameters = new DialogParameters<FilePreviewDialog>
        {
            { d => d.Path, "/" + SafeText.Show(row.Path) },
            { d => d.Load, async token => await files.PreviewAsync(await actor.GetAsync(), Name, Artifact, row.Layer, row.Entry, token) },
            { d => d.Download, row.Size <= MaxDownload ? ConsoleUrls.FileDownload(Name, Artifact.ToString(), row.Layer, row.Entry) : null },
        };
        await dialogs.ShowAsync<FilePreviewDialog>(row.Name, parameters, new DialogOptions { MaxWidth = MaxWidth.Large, FullWidth = true });
    }

    private void ChooseAsync(ChangeEventArgs change) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameters(
            new Dictionary<string, object?>(FilesPlace.Cleared(Prefix)) { [Prefix + "layer"] = change.Value is string { Length: > 0 } number ? number : null }));

    private string NameOf(FileRow row) => SafeText.Show(_hits is null ? row.Name : row.Path);

    /// <returns>Whether it was done; false also when the page was left meanwhile.</returns>
    private async Task<bool> TryAsync(Func<Task> read, CancellationToken reading)
    {
        try
        {
            await read();
            return true;
        }
        catch (OperationCanceledException) when (reading.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            _refusal = refusal.Message;
            return false;
        }
    }
}
