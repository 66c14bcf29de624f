using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Access;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Users;

/// <summary>What can be done with users, each with its dialog.</summary>
public sealed class UserEditor(UserAdministration users, CurrentActor actor, ServerAddress server, IDialogService dialogs, ISnackbar snackbar, NavigationManager navigation)
{
    private static readonly DialogOptions StaysOpen = new() { BackdropClick = false, CloseOnEscapeKey = false, MaxWidth = MaxWidth.Small, FullWidth = true };

    /// <summary>Makes a person and shows the link once, or a service account and leads to its keys.</summary>
    public async Task CreateAsync()
    {
        OneTimeLink? link = null;
        var parameters = new DialogParameters<CreateUserDialog>
        {
            { d => d.Create, order => Refusals.TryAsync(async () => link = await CreateAsync(order)) },
        };
        var dialog = await dialogs.ShowAsync<CreateUserDialog>("Create a user", parameters);
        if (await dialog.GetReturnValueAsync<CreateUserDialog.Order>() is not { } made)
        {
            return;
        }

        if (link is not null)
        {
            await ShowAsync(link, "The user was created");
            return;
        }

        snackbar.Add($"The service account '{made.Name}' was created. Make an access key for it.", Severity.Success);
        navigation.NavigateTo(ConsoleUrls.UserKeys(made.Name));
    }

    public async Task ChangeRoleAsync(UserRow row)
    {
        var parameters = new DialogParameters<ChangeRoleDialog>
        {
            { d => d.User, row.Name },
            { d => d.Role, row.Role },
            { d => d.Roles, row.IsService ? RoleText.OfServices : RoleText.OfPeople },
            { d => d.Save, role => Refusals.TryAsync(async () => await users.SetRoleAsync(await actor.GetAsync(), row.Id, role, CancellationToken.None)) },
        };
        var dialog = await dialogs.ShowAsync<ChangeRoleDialog>($"Role of {row.Name}", parameters);
        if (await dialog.GetReturnValueAsync<bool?>() == true)
        {
            snackbar.Add($"The role of '{row.Name}' was changed. It counts at once.", Severity.Success);
        }
    }

    /// <summary>A new link to choose a password, once it was confirmed.</summary>
    public async Task CreateLinkAsync(UserRow row)
    {
        string[] lines = [$"{row.Name} chooses a new password with it, once, within {Words.Span(UserAdministration.LinkLifetime)}. The present password stays good until then; an earlier link does not."];
        if (!await dialogs.ConfirmAsync(new ConfirmQuestion($"Make a password link for {row.Name}?", "Make the link", lines) { Closing = "It is shown once, to be handed over by a way you trust.", IsHarmless = true }))
        {
            return;
        }

        OneTimeLink? link = null;
        if (await Refusals.TryAsync(async () => link = await users.CreateLinkAsync(await actor.GetAsync(), row.Id, CancellationToken.None)) is { } refusal)
        {
            snackbar.Add(refusal, Severity.Warning);
            return;
        }

        await ShowAsync(link!, $"A password link for {row.Name}");
    }

    public async Task SetDisabledAsync(UserRow row, bool isDisabled)
    {
        string[] lines = [$"{row.Name} is signed out everywhere, and every login made with {(row.KeyCount == 0 ? "an access key" : Words.Count(row.KeyCount, "access key"))} of it ends at once."];
        if (isDisabled && !await dialogs.ConfirmAsync(new ConfirmQuestion($"Disable {row.Name}?", "Disable", lines) { Closing = "It can be enabled again, with its keys and roles." }))
        {
            return;
        }

        await snackbar.TryAsync(async () =>
        {
            await users.SetDisabledAsync(await actor.GetAsync(), row.Id, isDisabled, CancellationToken.None);
            return $"'{row.Name}' is {(isDisabled ? "disabled" : "enabled")}.";
        });
    }

    public async Task DeleteAsync(UserRow row)
    {
        var losses = new List<string>();
        if (row.KeyCount > 0)
        {
            losses.Add($"{Words.Count(row.KeyCount, "access key")}, and every login made with {(row.KeyCount == 1 ? "it" : "them")}");
        }

        if (row.RegistryCount > 0)
        {
            losses.Add($"{Words.Count(row.RegistryCount, "role")} in registries");
        }

        string[] lines = [losses.Count == 0 ? $"{row.Name} is signed out everywhere at once. What it pushed stays." : $"{row.Name} is signed out everywhere at once. What it pushed stays. With it go:"];
        if (await dialogs.ConfirmAsync($"Delete {row.Name}?", row.IsService ? "Delete service account" : "Delete user", lines, losses))
        {
            await snackbar.TryAsync(async () =>
            {
                await users.DeleteAsync(await actor.GetAsync(), row.Id, CancellationToken.None);
                return $"'{row.Name}' was deleted.";
            });
        }
    }

    private async Task<OneTimeLink?> CreateAsync(CreateUserDialog.Order order)
    {
        var who = await actor.GetAsync();
        if (!order.IsService)
        {
            return await users.CreateAsync(who, order.Name, order.Role, CancellationToken.None);
        }

        await users.CreateServiceAsync(who, order.Name, order.Role, CancellationToken.None);
        return null;
    }

    private async Task ShowAsync(OneTimeLink link, string title)
    {
        var parameters = new DialogParameters<OneTimeLinkDialog> { { d => d.Title, title }, { d => d.User, link.User }, { d => d.Url, server.Url + ConsoleUrls.PasswordWith(link.User, link.Code) } };
        await dialogs.ShowAsync<OneTimeLinkDialog>(title, parameters, StaysOpen);
    }
}
