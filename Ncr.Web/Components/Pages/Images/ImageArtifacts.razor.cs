using Microsoft.AspNetCore.Components;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Pages.Images.Files;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>The artifacts of an image: a multi-platform image is one row, and what belongs to an artifact is under it.</summary>
public sealed partial class ImageArtifacts(ArtifactService artifacts, CurrentActor actor, ServerAddress server, ArtifactDeleter deleter, ArtifactCopier copier, NavigationManager navigation)
{
    /// <summary>The name in the address of the artifact that is shown beside the list.</summary>
    public const string PaneKey = "artifact";

    private static readonly DataColumn[] Columns =
    [
        new("Artifact"),
        new("Type"),
        new("Signed"),
        new("Size", nameof(ArtifactRow.Size), true) { IsNumber = true },
        new("Pushed", nameof(ArtifactRow.PushedAt), true),
        new("Pulled", nameof(ArtifactRow.PulledAt), true),
        new("Pulls", nameof(ArtifactRow.PullCount), true) { IsNumber = true },
        new("Actions") { IsActions = true },
    ];

    private DataList<ArtifactRow>? _list;

    [CascadingParameter]
    private Rights Rights { get; set; } = Rights.None;

    private bool MayDelete => Rights.May(Permission.DeleteArtifact, Name.Registry);

    /// <summary>Out of here, to wherever one may push.</summary>
    private bool MayCopy => Rights.May(Permission.PullImage, Name.Registry) && Rights.MaySomewhere(Permission.PushImage);

    [Parameter, EditorRequired]
    public ImageName Name { get; set; }

    /// <summary>The artifact shown beside the list, as the address says; null for none.</summary>
    [Parameter]
    public string? Shown { get; set; }

    /// <summary>Its tab that the address asks for.</summary>
    [Parameter]
    public string? PaneTab { get; set; }

    /// <summary>Its layer whose files are shown, from 1.</summary>
    [Parameter]
    public int? PaneLayer { get; set; }

    private ServerAddress Server => server;

    private string PaneUrl(string? digest) => navigation.GetUriWithQueryParameters(new Dictionary<string, object?>(PaneClosed()) { [PaneKey] = digest });

    /// <summary>What the pane keeps in the address, without it.</summary>
    public static Dictionary<string, object?> PaneClosed() => new(ListState.Cleared(ArtifactPane.Prefix).Concat(FilesPlace.Cleared(ArtifactPane.Prefix)))
    {
        [PaneKey] = null,
        [ArtifactPane.Prefix + "tab"] = null,
        [ArtifactPane.Prefix + "layer"] = null,
    };

    private ArtifactFilter Filter => ArtifactFilter.Parse(ListState.Parse(navigation.Uri).Filter);

    private string TaggedValue => Filter.IsTagged is { } isTagged ? (isTagged ? "yes" : "no") : "";

    private bool Concerns(Change change) => change.Image == Name.ToString() || change.Type is null;

    private async Task<PageOf<ArtifactRow>> LoadAsync(PageRequest page, CancellationToken cancellationToken) =>
        await artifacts.ListAsync(await actor.GetAsync(), Name, page, cancellationToken);

    private void SetType(string? type) => Set(Filter with { Type = Enum.TryParse<ArtifactType>(type, out var chosen) ? chosen : null });

    private void SetTagged(string? value) => Set(Filter with { IsTagged = string.IsNullOrEmpty(value) ? null : value == "yes" });

    private void Set(ArtifactFilter filter) => _list?.SetFilter(filter.ToString());

    private async Task DeleteAsync(IReadOnlyList<ArtifactRow> rows)
    {
        if (await deleter.DeleteAsync(Name, rows))
        {
            _list?.Deselect(rows);
        }
    }

    private Task<bool> CopyAsync(ArtifactRow row) => copier.CopyAsync(Name, row);

    private static bool HasParts(ArtifactRow row) => row.Type == ArtifactType.Index || row.AccessoryCount > 0;

    private static string NameOf(ArtifactRow row) => row.Tags is [var tag, ..] ? tag : Digest.Parse(row.Digest).Short;

    private string UrlOf(ArtifactRow row) => ConsoleUrls.Artifact(Name.Registry, Name.Image, row.Digest);
}
