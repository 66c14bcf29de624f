using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Images;
using Ncr.Core.Images.Documents;
using Ncr.Core.Images.Files;
using Ncr.Web.Account;
using Ncr.Web.Components.Pages.Images.Files;
using Ncr.Web.Components.Shared;
using BlobDigest = Ncr.Core.Blobs.Digest;

namespace Ncr.Web.Components.Pages.Images.Charts;

/// <summary>A Helm chart: what it says of itself, its README, values and templates, and how it is installed.</summary>
public sealed partial class ArtifactChart(FileService files, CurrentActor actor, ServerAddress server, IDialogService dialogs)
{
    private readonly CancellationTokenSource _leaving = new();
    private HelmChart? _chart;
    private ChartDetails? _details;
    private string? _readme;
    private string? _refusal;
    private string? _read;

    [Parameter, EditorRequired]
    public ImageName Name { get; set; }

    [Parameter, EditorRequired]
    public ArtifactDetails Details { get; set; } = null!;

    private BlobDigest Digest => BlobDigest.Parse(Details.Row.Digest);

    private int Layer => Math.Max(0, Details.Document.Layers.Index().FirstOrDefault(l => l.Item.MediaType == HelmChart.ContentType).Index);

    private string Install => PullCommand.Install(server, Name.ToString(), ReleaseName(_chart?.Name ?? Name.Image), _chart?.Version is { } version && version.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+') ? version : null);

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_read == Details.Row.Digest)
        {
            return;
        }

        _read = Details.Row.Digest;
        (_details, _readme, _refusal) = (null, null, null);
        _chart = Details.Config is { } json ? HelmChart.TryParse(json) : null;
        if (Details.Document.Layers.Count == 0)
        {
            _refusal = "The artifact has no layer that would hold the chart.";
            return;
        }

        var token = _leaving.Token;
        try
        {
            var details = await ChartDetails.ReadAsync(files, await actor.GetAsync(), Name, Digest, Layer, token);
            _readme = details.Readme is { } readme ? MarkdownText.Render(readme) : null;
            _details = details;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The page was left.
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            _refusal = refusal.Message;
        }
    }

    /// <summary>A release may be called as Kubernetes calls things; a chart's name comes from a stranger and must stay one word of a shell.</summary>
    private static string ReleaseName(string chart)
    {
        var name = new string([.. chart[(chart.LastIndexOf('/') + 1)..].ToLowerInvariant().Where(c => char.IsAsciiLetterOrDigit(c) || c == '-')]).Trim('-');
        return name.Length == 0 ? "my-release" : name;
    }

    /// <summary>The path within the chart's folder.</summary>
    private static string Inner(FileRow row) => SafeText.Show(row.Path[(row.Path.IndexOf('/', StringComparison.Ordinal) + 1)..]);

    private async Task ShowAsync(FileRow row)
    {
        var parameters = new DialogParameters<FilePreviewDialog>
        {
            { d => d.Path, SafeText.Show(row.Path) },
            { d => d.Load, async token => await files.PreviewAsync(await actor.GetAsync(), Name, Digest, row.Layer, row.Entry, token) },
            { d => d.Download, row.Size <= files.Limits.MaxDownload ? ConsoleUrls.FileDownload(Name, Details.Row.Digest, row.Layer, row.Entry) : null },
        };
        await dialogs.ShowAsync<FilePreviewDialog>(row.Name, parameters, new DialogOptions { MaxWidth = MaxWidth.Large, FullWidth = true });
    }
}
