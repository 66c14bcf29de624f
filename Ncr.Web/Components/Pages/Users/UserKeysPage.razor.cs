using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Web.Account;
using Ncr.Web.Components.Pages.AccessKeys;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Users;

/// <summary>Another's access keys, for those who manage users.</summary>
public sealed partial class UserKeysPage(UserAdministration users, AccessKeyService keys, CurrentActor actor, IDialogService dialogs, ISnackbar snackbar)
{
    private static readonly (string, string)[] Trail = [("Users", ConsoleUrls.Users)];

    private UserRow? _row;
    private IReadOnlyList<AccessKeyRow>? _keys;
    private bool _isLoaded;

    [SupplyParameterFromQuery(Name = "user")]
    private string? UserName { get; set; }

    protected override Task OnParametersSetAsync() => RefreshAsync();

    protected override bool Concerns(Change change) => change.UserId is { } user && user == _row?.Id;

    protected override async Task RefreshAsync()
    {
        var who = await actor.GetAsync();
        _row = await users.FindAsync(who, UserName ?? "", Disposing);
        _keys = _row is null ? null : await keys.ListOfAsync(who, _row.Id, Disposing);
        _isLoaded = true;
    }

    private Task CreateAsync() =>
        ShowAsync("The new access key", async () => await keys.CreateForServiceAsync(await actor.GetAsync(), _row!.Id, AccessKeySettings.None, CancellationToken.None));

    private async Task RegenerateAsync(AccessKeyRow key)
    {
        string[] lines = [$"The access key {key.Key} gets a new Secret Key. The old one stops working, and every login made with it ends at once."];
        if (await dialogs.ConfirmAsync($"Regenerate the secret of {key.Key}?", "Regenerate", lines))
        {
            await ShowAsync("The new secret", async () => await keys.RegenerateAsync(await actor.GetAsync(), key.Id, CancellationToken.None));
        }
    }

    private async Task SetEnabledAsync(AccessKeyRow key, bool enabled)
    {
        await snackbar.TryAsync(async () =>
        {
            await keys.SetEnabledAsync(await actor.GetAsync(), key.Id, enabled, CancellationToken.None);
            return enabled ? $"{key.Key} is enabled. Clients have to log in again." : $"{key.Key} is disabled, and every login made with it ended.";
        });
        await RefreshAsync();
    }

    private async Task DeleteAsync(AccessKeyRow key)
    {
        string[] lines = [$"Every login made with {key.Key} ends at once: what uses it can no longer push or pull."];
        if (await dialogs.ConfirmAsync($"Delete the access key {key.Key}?", "Delete access key", lines))
        {
            await snackbar.TryAsync(async () =>
            {
                await keys.DeleteAsync(await actor.GetAsync(), key.Id, CancellationToken.None);
                return $"The access key {key.Key} was deleted.";
            });
        }
    }

    private async Task ShowAsync(string title, Func<Task<NewSecret>> make)
    {
        NewSecret? secret = null;
        if (await Refusals.TryAsync(async () => secret = await make()) is { } refusal)
        {
            snackbar.Add(refusal, Severity.Warning);
            return;
        }

        var parameters = new DialogParameters<NewSecretDialog> { { d => d.Title, title }, { d => d.Secret, secret! } };
        await dialogs.ShowAsync<NewSecretDialog>(title, parameters, new DialogOptions { BackdropClick = false, CloseOnEscapeKey = false, MaxWidth = MaxWidth.Small, FullWidth = true });
    }
}
