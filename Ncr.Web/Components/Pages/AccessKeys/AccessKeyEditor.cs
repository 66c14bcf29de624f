using MudBlazor;
using Ncr.Core.Access;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.AccessKeys;

/// <summary>What people do with access keys: each asks first where something is lost, and says what became of it.</summary>
public sealed class AccessKeyEditor(AccessKeyService keys, CurrentActor actor, IDialogService dialogs, ISnackbar snackbar)
{
    private static readonly DialogOptions SecretOptions = new() { BackdropClick = false, CloseOnEscapeKey = false, MaxWidth = MaxWidth.Small, FullWidth = true };

    /// <summary>Asks what a new key shall be for, makes it and shows its secret.</summary>
    /// <param name="serviceAccount">Whose; null for one's own.</param>
    public async Task CreateAsync(long? serviceAccount = null)
    {
        NewSecret? secret = null;
        var dialog = await ShowSettingsAsync("Create an access key", "Create", AccessKeySettings.None, async settings =>
        {
            var who = await actor.GetAsync();
            secret = serviceAccount is { } id
                ? await keys.CreateForServiceAsync(who, id, settings, CancellationToken.None)
                : await keys.CreateAsync(who, settings, CancellationToken.None);
        });
        if (dialog)
        {
            await ShowAsync("The new access key", secret!);
        }
    }

    public async Task ChangeAsync(AccessKeyRow row)
    {
        if (await ShowSettingsAsync($"Limits of {row.Key}", "Save", row.Settings, async settings => await keys.ChangeSettingsAsync(await actor.GetAsync(), row.Id, settings, CancellationToken.None)))
        {
            snackbar.Add("Saved.", Severity.Success);
        }
    }

    public async Task RegenerateAsync(AccessKeyRow row)
    {
        string[] lines = [$"The access key {row.Key} gets a new Secret Key. The old one stops working, and every login made with it ends at once."];
        if (!await dialogs.ConfirmAsync($"Regenerate the secret of {row.Key}?", "Regenerate", lines))
        {
            return;
        }

        NewSecret? secret = null;
        if (await Refusals.TryAsync(async () => secret = await keys.RegenerateAsync(await actor.GetAsync(), row.Id, CancellationToken.None)) is { } refusal)
        {
            snackbar.Add(refusal, Severity.Error);
            return;
        }

        await ShowAsync("The new secret", secret!);
    }

    public Task SetEnabledAsync(AccessKeyRow row, bool enabled) => snackbar.TryAsync(async () =>
    {
        await keys.SetEnabledAsync(await actor.GetAsync(), row.Id, enabled, CancellationToken.None);
        return enabled ? $"{row.Key} is enabled. Clients have to log in again." : $"{row.Key} is disabled, and every login made with it ended.";
    });

    public async Task DeleteAsync(AccessKeyRow row)
    {
        string[] lines = [$"Every login made with {row.Key} ends at once: what uses it can no longer push or pull."];
        if (await dialogs.ConfirmAsync($"Delete the access key {row.Key}?", "Delete access key", lines))
        {
            await snackbar.TryAsync(async () =>
            {
                await keys.DeleteAsync(await actor.GetAsync(), row.Id, CancellationToken.None);
                return $"The access key {row.Key} was deleted.";
            });
        }
    }

    private async Task<bool> ShowSettingsAsync(string title, string action, AccessKeySettings settings, Func<AccessKeySettings, Task> save)
    {
        var parameters = new DialogParameters<AccessKeyDialog>
        {
            { d => d.Title, title },
            { d => d.Action, action },
            { d => d.Settings, settings },
            { d => d.Save, chosen => Refusals.TryAsync(() => save(chosen)) },
        };
        var dialog = await dialogs.ShowAsync<AccessKeyDialog>(title, parameters, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true });
        return await dialog.GetReturnValueAsync<bool?>() == true;
    }

    private Task<IDialogReference> ShowAsync(string title, NewSecret secret) =>
        dialogs.ShowAsync<NewSecretDialog>(title, new DialogParameters<NewSecretDialog> { { d => d.Title, title }, { d => d.Secret, secret } }, SecretOptions);
}
