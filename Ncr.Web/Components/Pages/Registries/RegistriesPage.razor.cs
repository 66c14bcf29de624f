using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Registries;

/// <summary>All registries.</summary>
public sealed partial class RegistriesPage(
    RegistryService registries, CurrentActor actor, ServerAddress server, IDialogService dialogs, ISnackbar snackbar, NavigationManager navigation)
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
    private async Task<string?> TryCreateAsync(string name)
    {
        try
        {
            await registries.CreateAsync(await actor.GetAsync(), name, null, CancellationToken.None);
            return null;
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            return refusal.Message;
        }
    }

    private async Task DeleteAsync(RegistryRow row)
    {
        if (row.ImageCount > 0)
        {
            snackbar.Add(InTheWay(row), Severity.Info);
            return;
        }

        if (await dialogs.ConfirmAsync($"Delete the registry {row.Name}?", "Delete registry", ["It holds no images. Its name becomes free, and pushes to it are refused from then on."]))
        {
            await snackbar.TryAsync(async () =>
            {
                await registries.DeleteAsync(await actor.GetAsync(), row.Name, CancellationToken.None);
                return $"The registry '{row.Name}' was deleted.";
            });
        }
    }

    private static string InTheWay(RegistryRow row) => $"The registry '{row.Name}' holds {Words.Count(row.ImageCount, "image")}. Delete them first.";
}
