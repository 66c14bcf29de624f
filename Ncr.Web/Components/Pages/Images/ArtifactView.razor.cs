using Microsoft.AspNetCore.Components;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Images.Documents;
using Ncr.Web.Account;
using Ncr.Web.Components.Pages.Images.Files;
using Ncr.Web.Components.Shared;
using BlobDigest = Ncr.Core.Blobs.Digest;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>All that is known of an artifact, in tabs: for its page and for the pane beside a list.</summary>
public sealed partial class ArtifactView(ArtifactService artifacts, CurrentActor actor, ServerAddress server, NavigationManager navigation)
{
    /// <summary>How deep attachments of attachments are followed, and how many in all.</summary>
    private const int MaxAttachmentDepth = 4;

    private const int MaxAttachments = 150;

    private IReadOnlyList<AttachmentNode> _attachments = [];
    private IReadOnlyList<HistoryLine> _history = [];
    private ArtifactDetails? _details;
    private ArtifactParts _parts = ArtifactParts.None;
    private bool _isLoaded;

    [Parameter, EditorRequired]
    public string Registry { get; set; } = "";

    /// <summary>The image's name within the registry.</summary>
    [Parameter, EditorRequired]
    public string Image { get; set; } = "";

    [Parameter, EditorRequired]
    public string Digest { get; set; } = "";

    /// <summary>The tab that the address asks for.</summary>
    [Parameter]
    public string? Asked { get; set; }

    /// <summary>The layer whose files are shown, from 1.</summary>
    [Parameter]
    public int? Layer { get; set; }

    /// <summary>What the names of its parameters in the address begin with, when the page around it has such too.</summary>
    [Parameter]
    public string Prefix { get; set; } = "";

    /// <summary>Above the tabs; without details while they are read.</summary>
    [Parameter, EditorRequired]
    public RenderFragment<ArtifactDetails?> Header { get; set; } = null!;

    /// <summary>Instead of it all, when there is no such artifact.</summary>
    [Parameter, EditorRequired]
    public RenderFragment Missing { get; set; } = null!;

    private ServerAddress Server => server;

    private int? SelectedLayer => Layer is { } number && number > 0 && number <= _details!.Document.Layers.Count ? number - 1 : null;

    /// <summary>Whether its layers are made of files.</summary>
    private bool HasFiles => _details!.Row.Type is ArtifactType.Image or ArtifactType.HelmChart;

    private Func<int, string> FilesOf => layer => navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { [Prefix + "tab"] = Tab.Files, [Prefix + "layer"] = layer + 1 });

    private ImageName Name => ImageName.Parse($"{Registry}/{Image}");

    /// <summary>What a tab's own contents keep in the address, which ends with it.</summary>
    private Dictionary<string, object?> Drops => new(ListState.Cleared(Prefix).Concat(FilesPlace.Cleared(Prefix))) { [Prefix + "layer"] = null };

    private TabLinks.Tab[] Tabs =>
    [
        new(Tab.Overview, "Overview"),
        new(Tab.Tags, "Tags", _details!.Row.TagCount),
        .. _details.Row.Type switch
        {
            _ when _details.Document.IsIndex => [new(Tab.Contents, "Contents", _details.Document.Manifests.Count)],
            ArtifactType.Image => [new(Tab.Layers, "Layers", _details.Document.Layers.Count), new(Tab.Files, "Files"), Config],
            ArtifactType.HelmChart => [new(Tab.Chart, "Chart"), new(Tab.Files, "Files"), new(Tab.Layers, "Layers", _details.Document.Layers.Count), Config],
            _ => (TabLinks.Tab[])[new(Tab.Blobs, "Files", _details.Document.Layers.Count), new(Tab.Layers, "Layers", _details.Document.Layers.Count), Config],
        },
        new(Tab.Manifest, "Manifest"),
    ];

    private static TabLinks.Tab Config => new(Tab.Config, "Config");

    private string Selected => Tabs.Any(t => t.Key == Asked) ? Asked! : Tab.Overview;

    protected override async Task OnParametersSetAsync()
    {
        if (_details?.Row.Digest != Digest)
        {
            await RefreshAsync();
        }
    }

    protected override bool Concerns(Change change) => change.Image == $"{Registry}/{Image}" || change.Type is null;

    protected override async Task RefreshAsync()
    {
        if (ImageName.TryParse($"{Registry}/{Image}", out var name) && BlobDigest.TryParse(Digest, out var digest))
        {
            var who = await actor.GetAsync();
            var details = await artifacts.FindAsync(who, name, digest, Disposing);
            _parts = details is null ? ArtifactParts.None : await artifacts.ListPartsAsync(who, name, digest, Disposing);
            _attachments = details is null ? [] : await NestAsync(who, name, _parts.Attachments, 1, new HashSet<string> { Digest });
            _history = details?.Config is { } config && MediaTypes.IsImageConfig(details.Document.Config?.MediaType) ? ImageConfig.TryParse(config)?.History ?? [] : [];
            _details = details;
        }
        else
        {
            _details = null;
        }

        _isLoaded = true;
    }

    /// <summary>Attachments with theirs. Somebody may have made a ring of them, or very many.</summary>
    private async Task<IReadOnlyList<AttachmentNode>> NestAsync(Actor who, ImageName name, IReadOnlyList<ArtifactRow> rows, int depth, HashSet<string> seen)
    {
        var nodes = new List<AttachmentNode>();
        foreach (var row in rows)
        {
            var isNew = seen.Add(row.Digest);
            var follow = isNew && row.AccessoryCount > 0 && depth < MaxAttachmentDepth && seen.Count < MaxAttachments;
            IReadOnlyList<AttachmentNode> attached = follow
                ? await NestAsync(who, name, (await artifacts.ListPartsAsync(who, name, BlobDigest.Parse(row.Digest), Disposing)).Attachments, depth + 1, seen)
                : [];
            nodes.Add(new AttachmentNode(row, attached, row.AccessoryCount > 0 && isNew && !follow));
        }

        return nodes;
    }

    private static class Tab
    {
        public const string Overview = "overview";
        public const string Tags = "tags";
        public const string Layers = "layers";
        public const string Files = "files";
        public const string Chart = "chart";
        public const string Blobs = "blobs";
        public const string Contents = "contents";
        public const string Config = "config";
        public const string Manifest = "manifest";
    }
}
