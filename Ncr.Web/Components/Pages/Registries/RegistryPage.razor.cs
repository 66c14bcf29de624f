using Microsoft.AspNetCore.Components;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Pages.Images;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Registries;

/// <summary>A registry: its images, and how to push to it.</summary>
public sealed partial class RegistryPage(
    RegistryService registries, ImageService images, CurrentActor actor, ServerAddress server, ImageDeleter imageDeleter, RegistryDeleter registryDeleter,
    NavigationManager navigation)
{
    private static readonly DataColumn[] Columns =
    [
        new("Image", "Name"),
        new("Artifacts") { IsNumber = true },
        new("Tags") { IsNumber = true },
        new("Size", nameof(ImageRow.Size), true) { IsNumber = true },
        new("Pulls", nameof(ImageRow.PullCount), true) { IsNumber = true },
        new("Last pushed", nameof(ImageRow.PushedAt), true),
        new("Actions") { IsActions = true },
    ];

    private static readonly (string, string)[] Trail = [("Registries", ConsoleUrls.Registries)];

    private RegistryRow? _row;
    private DataList<ImageRow>? _list;
    private bool _isLoaded;
    private bool _isHelpShown;

    [Parameter]
    public string Registry { get; set; } = "";

    [CascadingParameter]
    private Rights Rights { get; set; } = Rights.None;

    [SupplyParameterFromQuery(Name = "tab")]
    private string? Query { get; set; }

    [SupplyParameterFromQuery(Name = "client")]
    private string? Client { get; set; }

    private string PublicUri => $"{server.PublicHost}/{Registry}";

    private string? PrivateUri => server.PrivateHost is { } host ? $"{host}/{Registry}" : null;

    private bool MayDelete => Rights.May(Permission.DeleteImage, Registry);

    private TabLinks.Tab[] Tabs =>
    [
        new(Tab.Images, "Images", _row!.ImageCount),
        .. Rights.May(Permission.ManageMembers, Registry) ? [new TabLinks.Tab(Tab.Members, "Members")] : Array.Empty<TabLinks.Tab>(),
        .. Rights.May(Permission.ChangeRegistry, Registry) ? [new TabLinks.Tab(Tab.Settings, "Settings")] : Array.Empty<TabLinks.Tab>(),
    ];

    /// <summary>What the list of images keeps in the address, which ends with its tab.</summary>
    private static Dictionary<string, object?> Drops => ListState.Cleared();

    private string Selected => _row is not null && Query is not null && Tabs.Any(t => t.Key == Query) ? Query : Tab.Images;

    protected override Task OnParametersSetAsync() => RefreshAsync();

    protected override bool Concerns(Change change) => change.Registry == Registry || change.Type is null;

    protected override async Task RefreshAsync()
    {
        _row = await registries.FindAsync(await actor.GetAsync(), Registry, Disposing);
        _isLoaded = true;
    }

    private async Task<PageOf<ImageRow>> LoadAsync(PageRequest page, CancellationToken cancellationToken) =>
        await images.ListAsync(await actor.GetAsync(), Registry, page, cancellationToken);

    private async Task DeleteAsync(IReadOnlyList<ImageRow> rows)
    {
        if (await imageDeleter.DeleteAsync(Registry, [.. rows.Select(r => r.Name)]))
        {
            _list?.Deselect(rows);
        }
    }

    private async Task DeleteRegistryAsync()
    {
        if (await registryDeleter.DeleteAsync(Registry))
        {
            navigation.NavigateTo(ConsoleUrls.Registries);
        }
    }

    private static class Tab
    {
        public const string Images = "images";
        public const string Members = "members";
        public const string Settings = "settings";
    }
}
