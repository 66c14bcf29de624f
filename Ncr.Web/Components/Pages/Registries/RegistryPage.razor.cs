using Microsoft.AspNetCore.Components;
using MudBlazor;
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
    IDialogService dialogs, ISnackbar snackbar, NavigationManager navigation)
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

    private string Address => $"{server.Host}/{Registry}";

    private bool MayDelete => Rights.May(Permission.DeleteImage, Registry);

    private TabLinks.Tab[] Tabs => [new(Tab.Images, "Images", _row!.ImageCount), new(Tab.Members, "Members")];

    /// <summary>What the list of images keeps in the address, which ends with its tab.</summary>
    private static Dictionary<string, object?> Drops => ListState.Cleared();

    private string Selected => Query == Tab.Members && Rights.May(Permission.ManageMembers, Registry) ? Tab.Members : Tab.Images;

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

    private async Task EditAsync()
    {
        var parameters = new DialogParameters<EditRegistryDialog> { { d => d.Registry, Registry }, { d => d.Description, _row?.Description }, { d => d.Save, TrySaveAsync } };
        var dialog = await dialogs.ShowAsync<EditRegistryDialog>($"Edit {Registry}", parameters);
        if (await dialog.GetReturnValueAsync<bool?>() == true)
        {
            snackbar.Add("Saved.", Severity.Success);
        }
    }

    /// <returns>Why not; null when it was saved.</returns>
    private Task<string?> TrySaveAsync(string? description) =>
        Refusals.TryAsync(async () => await registries.ChangeAsync(await actor.GetAsync(), Registry, description, CancellationToken.None));

    private static class Tab
    {
        public const string Images = "images";
        public const string Members = "members";
    }
}
