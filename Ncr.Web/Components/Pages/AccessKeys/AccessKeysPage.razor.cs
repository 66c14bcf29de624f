using MudBlazor;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.AccessKeys;

/// <summary>The signed-in user's access keys.</summary>
public sealed partial class AccessKeysPage(AccessKeyService keys, CurrentActor actor, MinuteTicker ticker, IDialogService dialogs, ISnackbar snackbar)
{
    private static readonly string FullReason =
        $"You have {AccessKeyService.MaxPerUser} access keys, and that is the most. Delete one that is no longer used to make another.";

    private IReadOnlyList<AccessKeyRow>? _keys;
    private long? _userId;

    private MinuteTicker Ticker => ticker;

    private bool IsFull => _keys is { Count: >= AccessKeyService.MaxPerUser };

    protected override Task OnInitializedAsync() => RefreshAsync();

    protected override bool Concerns(Change change) => change.UserId is { } user && user == _userId;

    protected override async Task RefreshAsync()
    {
        var who = await actor.GetAsync();
        _userId = who.UserId;
        _keys = await keys.ListOwnAsync(who, Disposing);
    }

    private async Task CreateAsync()
    {
        if (IsFull)
        {
            snackbar.Add(FullReason, Severity.Info);
            return;
        }

        await ShowAsync("Your new access key", async () => await keys.CreateAsync(await actor.GetAsync(), AccessKeySettings.None, CancellationToken.None));
    }

    private async Task RegenerateAsync(AccessKeyRow row)
    {
        string[] lines = [$"The access key {row.Key} gets a new Secret Key. The old one stops working, and every login made with it ends at once."];
        if (await dialogs.ConfirmAsync($"Regenerate the secret of {row.Key}?", "Regenerate", lines))
        {
            await ShowAsync("The new secret", async () => await keys.RegenerateAsync(await actor.GetAsync(), row.Id, CancellationToken.None));
        }
    }

    private async Task SetEnabledAsync(AccessKeyRow row, bool enabled)
    {
        await snackbar.TryAsync(async () =>
        {
            await keys.SetEnabledAsync(await actor.GetAsync(), row.Id, enabled, CancellationToken.None);
            return enabled ? $"{row.Key} is enabled. Clients have to log in again." : $"{row.Key} is disabled, and every login made with it ended.";
        });
        await RefreshAsync();
    }

    private async Task DeleteAsync(AccessKeyRow row)
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

    private async Task ShowAsync(string title, Func<Task<NewSecret>> make)
    {
        NewSecret secret;
        try
        {
            secret = await make();
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            snackbar.Add(refusal.Message, Severity.Error);
            return;
        }

        var parameters = new DialogParameters<NewSecretDialog> { { d => d.Title, title }, { d => d.Secret, secret } };
        await dialogs.ShowAsync<NewSecretDialog>(title, parameters, new DialogOptions { BackdropClick = false, CloseOnEscapeKey = false, MaxWidth = MaxWidth.Small, FullWidth = true });
    }

    private string Age(AccessKeyRow row)
    {
        var days = (int)(ticker.Now - row.SecretCreatedAt).TotalDays;
        return days < 1 ? "today" : Words.Count(days, "day");
    }
}
