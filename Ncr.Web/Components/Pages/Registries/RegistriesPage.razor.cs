using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Registries;

/// <summary>All registries.</summary>
public sealed partial class RegistriesPage(
    RegistryService registries, CurrentActor actor, ServerAddress server, RegistryDeleter deleter, IDialogService dialogs, ISnackbar snackbar, NavigationManager navigation)
{
    private static readonly DataColumn[] Columns =
    [
        new("Name", nameof(RegistryRow.Name)),
        new("Images", nameof(RegistryRow.ImageCount), true) { IsNumber = true },
        new("Size", nameof(RegistryRow.Size), true) { IsNumber = true },
        new("Created", nameof(RegistryRow.CreatedAt), true),
        new("Actions") { IsActions = true },
    ];

    private ServerAddress Server => server;

    private async Task<PageOf<RegistryRow>> LoadAsync(PageRequest page, CancellationToken cancellationToken) =>
        await registries.ListAsync(await actor.GetAsync(), page, cancellationToken);

    private async Task CreateAsync()
    {
        var parameters = new DialogParameters<CreateRegistryDialog> { { d => d.Create, TryCreateAsync } };
        var dialog = await dialogs.ShowAsync<CreateRegistryDialog>("Create a registry", parameters);
        if (await dialog.GetReturnValueAsync<string>() is { } name)
        {
            snackbar.Add($"The registry '{name}' was created.", Severity.Success);
            navigation.NavigateTo(ConsoleUrls.Registry(name));
        }
    }

    /// <returns>Why not; null when it was made.</returns>
    private Task<string?> TryCreateAsync(string name, string? description) =>
        Refusals.TryAsync(async () => await registries.CreateAsync(await actor.GetAsync(), name, description, CancellationToken.None));

    private Task<bool> DeleteAsync(RegistryRow row) => deleter.DeleteAsync(row.Name);
}
