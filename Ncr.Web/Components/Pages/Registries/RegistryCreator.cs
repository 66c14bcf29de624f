using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Registries;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Registries;

/// <summary>Asks for a name, makes a registry of it and leads there.</summary>
public sealed class RegistryCreator(RegistryService registries, CurrentActor actor, IDialogService dialogs, ISnackbar snackbar, NavigationManager navigation)
{
    public async Task CreateAsync()
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
    private Task<string?> TryCreateAsync(string name, RegistrySettings settings) =>
        Refusals.TryAsync(async () => await registries.CreateAsync(await actor.GetAsync(), name, settings, CancellationToken.None));
}
