using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Images.Documents;
using Ncr.Web.Account;
using Ncr.Web.Components.Pages.Images.Comparing;
using Ncr.Web.Components.Shared;
using BlobDigest = Ncr.Core.Blobs.Digest;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>One artifact, with all that is known of it.</summary>
public sealed partial class ArtifactPage(ArtifactService artifacts, DocumentService documents, CurrentActor actor, ServerAddress server, ArtifactDeleter deleter, IDialogService dialogs, NavigationManager navigation)
{
    /// <summary>How deep attachments of attachments are followed, and how many in all.</summary>
    private const int MaxAttachmentDepth = 4;

    private const int MaxAttachments = 150;

    private IReadOnlyList<AttachmentNode> _attachments = [];
    private IReadOnlyList<HistoryLine> _history = [];
    private ArtifactDetails? _details;
    private ArtifactParts _parts = ArtifactParts.None;
    private bool _isLoaded;

    [Parameter]
    public string Registry { get; set; } = "";

    [Parameter]
    public string Digest { get; set; } = "";

    /// <summary>The image's name within the registry.</summary>
    [Parameter]
    public string Image { get; set; } = "";

    [SupplyParameterFromQuery(Name = "tab")]
    private string? Query { get; set; }

    /// <summary>The layer whose files are shown, from 1.</summary>
    [SupplyParameterFromQuery(Name = "layer")]
    private int? LayerQuery { get; set; }

    private ServerAddress Server => server;

    private int? SelectedLayer => LayerQuery is { } number && number > 0 && number <= _details!.Document.Layers.Count ? number - 1 : null;

    /// <summary>Whether its layers are made of files.</summary>
    private bool HasFiles => _details!.Row.Type is ArtifactType.Image or ArtifactType.HelmChart;

    private Func<int, string> FilesOf => layer => navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["tab"] = Tab.Files, ["layer"] = layer + 1 });

    private ImageName Name => ImageName.Parse($"{Registry}/{Image}");

    private string ShortDigest => BlobDigest.TryParse(Digest, out var digest) ? digest.Short : Digest;

    private string Title => _details?.Row.Tags is [var tag, ..] ? $"{Image}:{tag}" : $"{Image}@{ShortDigest}";

    private string Pull => PullCommand.For(_details!.Row, server, $"{Registry}/{Image}");

    private (string, string)[] Trail =>
        [("Registries", ConsoleUrls.Registries), (Registry, ConsoleUrls.Registry(Registry)), (Image, ConsoleUrls.Image(Registry, Image))];

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

    private string Selected => Tabs.Any(t => t.Key == Query) ? Query! : Tab.Overview;

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

    private async Task CompareAsync()
    {
        var parameters = new DialogParameters<CompareDialog> { { d => d.Check, CheckAsync } };
        var dialog = await dialogs.ShowAsync<CompareDialog>("Compare with another artifact", parameters);
        if (await dialog.GetReturnValueAsync<string>() is { } other)
        {
            navigation.NavigateTo(ConsoleUrls.Compare(Registry, Image, _details?.Row.Tags is [var tag, ..] ? tag : Digest, other));
        }
    }

    /// <returns>Why not; null when it is there.</returns>
    private async Task<string?> CheckAsync(string other)
    {
        if (!Reference.TryParse(other, out var reference))
        {
            return "Enter a tag, or a digest that starts with sha256:.";
        }

        try
        {
            return await documents.FindAsync(await actor.GetAsync(), Name, reference, Disposing) is null ? $"The image has no {(reference.IsTag ? "tag" : "artifact")} '{other}'." : null;
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            return refusal.Message;
        }
    }

    private async Task DeleteAsync()
    {
        if (await deleter.DeleteAsync(Name, _details!.Row))
        {
            navigation.NavigateTo(ConsoleUrls.Image(Registry, Image));
        }
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
