using Microsoft.AspNetCore.Components;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;
using BlobDigest = Ncr.Core.Blobs.Digest;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>One artifact, with all that is known of it.</summary>
public sealed partial class ArtifactPage(ArtifactService artifacts, CurrentActor actor, ServerAddress server, ArtifactDeleter deleter, NavigationManager navigation)
{
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

    private ImageName Name => ImageName.Parse($"{Registry}/{Image}");

    private string ShortDigest => BlobDigest.TryParse(Digest, out var digest) ? digest.Short : Digest;

    private string Title => _details?.Row.Tags is [var tag, ..] ? $"{Image}:{tag}" : $"{Image}@{ShortDigest}";

    private string Pull => PullCommand.For(_details!.Row, server, $"{Registry}/{Image}");

    private (string, string)[] Trail =>
        [("Registries", ConsoleUrls.Registries), (Registry, ConsoleUrls.Registry(Registry)), (Image, ConsoleUrls.Image(Registry, Image))];

    private TabLinks.Tab[] Tabs => _details!.Document.IsIndex
        ? [new(Tab.Overview, "Overview"), new(Tab.Tags, "Tags", _details.Row.TagCount), new(Tab.Contents, "Contents", _details.Document.Manifests.Count), new(Tab.Manifest, "Manifest")]
        : [new(Tab.Overview, "Overview"), new(Tab.Tags, "Tags", _details.Row.TagCount), new(Tab.Layers, "Layers", _details.Document.Layers.Count), new(Tab.Config, "Config"), new(Tab.Manifest, "Manifest")];

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
            _details = details;
        }
        else
        {
            _details = null;
        }

        _isLoaded = true;
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
        public const string Contents = "contents";
        public const string Config = "config";
        public const string Manifest = "manifest";
    }
}
