using Microsoft.AspNetCore.Components;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>An image: its artifacts and its tags.</summary>
public sealed partial class ImagePage(ImageService images, TagService tags, CurrentActor actor, ServerAddress server, ImageDeleter deleter, NavigationManager navigation)
{
    private ImageRow? _row;
    private bool _isLoaded;

    [Parameter]
    public string Registry { get; set; } = "";

    /// <summary>Its name within the registry.</summary>
    [Parameter]
    public string Image { get; set; } = "";

    [CascadingParameter]
    private Rights Rights { get; set; } = Rights.None;

    [SupplyParameterFromQuery(Name = "tab")]
    private string? Query { get; set; }

    // Only a page may take these from the address: a part that comes while the address changes makes Blazor fail.
    [SupplyParameterFromQuery(Name = ImageArtifacts.PaneKey)]
    private string? Shown { get; set; }

    [SupplyParameterFromQuery(Name = ArtifactPane.Prefix + "tab")]
    private string? PaneTab { get; set; }

    [SupplyParameterFromQuery(Name = ArtifactPane.Prefix + "layer")]
    private int? PaneLayer { get; set; }

    private string FullName => $"{Registry}/{Image}";

    private ImageName Name => ImageName.Parse(FullName);

    private string Address => $"{server.Host}/{FullName}";

    private (string, string)[] Trail => [("Registries", ConsoleUrls.Registries), (Registry, ConsoleUrls.Registry(Registry))];

    private TabLinks.Tab[] Tabs => [new(Tab.Artifacts, "Artifacts"), new(Tab.Tags, "Tags", _row!.TagCount)];

    /// <summary>What a tab's list and pane keep in the address, which ends with the tab.</summary>
    private static Dictionary<string, object?> Drops => new(ListState.Cleared().Concat(ImageArtifacts.PaneClosed()));

    private string Selected => Query == Tab.Tags ? Tab.Tags : Tab.Artifacts;

    protected override Task OnParametersSetAsync() => RefreshAsync();

    protected override bool Concerns(Change change) => change.Image == FullName || change.Type is null || (change.Registry == Registry && change.Image is null);

    protected override async Task RefreshAsync()
    {
        _row = ImageName.TryParse(FullName, out var name) ? await images.FindAsync(await actor.GetAsync(), name, Disposing) : null;
        _isLoaded = true;
    }

    private async Task<PageOf<TagRow>> LoadTagsAsync(PageRequest page, CancellationToken cancellationToken) =>
        await tags.ListAsync(await actor.GetAsync(), Name, page, cancellationToken);

    private async Task DeleteAsync()
    {
        if (await deleter.DeleteAsync(Registry, [Image]))
        {
            navigation.NavigateTo(ConsoleUrls.Registry(Registry));
        }
    }

    private static class Tab
    {
        public const string Artifacts = "artifacts";
        public const string Tags = "tags";
    }
}
