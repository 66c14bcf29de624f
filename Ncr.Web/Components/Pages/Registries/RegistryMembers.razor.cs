using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Web.Account;
using Ncr.Web.Components.Pages.Users;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Registries;

/// <summary>Who has a role in a registry.</summary>
public sealed partial class RegistryMembers(MemberService members, CurrentActor actor, IDialogService dialogs, ISnackbar snackbar)
{
    private IReadOnlyList<MemberRow>? _members;

    [Parameter, EditorRequired]
    public string Registry { get; set; } = "";

    protected override Task OnParametersSetAsync() => RefreshAsync();

    protected override bool Concerns(Change change) =>
        change.Type is EventTypes.UserChanged or EventTypes.UserDeleted || (change.Type == EventTypes.MemberChanged && change.Registry == Registry);

    protected override async Task RefreshAsync()
    {
        try
        {
            _members = await members.ListAsync(await actor.GetAsync(), Registry, Disposing);
        }
        catch (Exception exception) when (Refusals.Of(exception) is not null)
        {
            _members = null; // The role was taken away meanwhile: the page takes this tab away.
        }
    }

    private async Task AddAsync()
    {
        var parameters = new DialogParameters<AddMemberDialog>
        {
            { d => d.Registry, Registry },
            { d => d.Suggest, SuggestAsync },
            { d => d.Add, TrySetAsync },
        };
        var dialog = await dialogs.ShowAsync<AddMemberDialog>($"Add a member to {Registry}", parameters);
        if (await dialog.GetReturnValueAsync<string>() is { } name)
        {
            snackbar.Add($"'{name}' is a member now.", Severity.Success);
        }
    }

    private async Task ChangeAsync(MemberRow member)
    {
        var parameters = new DialogParameters<ChangeRoleDialog>
        {
            { d => d.User, member.User },
            { d => d.Registry, Registry },
            { d => d.Role, member.Role },
            { d => d.Roles, RoleMatrix.RegistryRoles },
            { d => d.Save, role => TrySetAsync(member.User, role) },
        };
        var dialog = await dialogs.ShowAsync<ChangeRoleDialog>($"Role of {member.User} in {Registry}", parameters);
        if (await dialog.GetReturnValueAsync<bool?>() == true)
        {
            snackbar.Add("Saved.", Severity.Success);
        }
    }

    private async Task RemoveAsync(MemberRow member)
    {
        string[] lines = [$"{member.User} loses the role in this registry at once, for the console and the access keys. A role for the whole service stays."];
        if (await dialogs.ConfirmAsync(new ConfirmQuestion($"Remove {member.User} from {Registry}?", "Remove", lines) { Closing = "The role can be given again." }))
        {
            await snackbar.TryAsync(async () =>
            {
                await members.RemoveAsync(await actor.GetAsync(), Registry, member.UserId, CancellationToken.None);
                return $"'{member.User}' is no longer a member.";
            });
        }
    }

    private async Task<IReadOnlyList<string>> SuggestAsync(string start)
    {
        IReadOnlyList<string> names = [];
        await Refusals.TryAsync(async () => names = await members.SuggestAsync(await actor.GetAsync(), Registry, start, CancellationToken.None)); // Without suggestions, one types on.
        return names;
    }

    private Task<string?> TrySetAsync(string user, Role role) =>
        Refusals.TryAsync(async () => await members.SetAsync(await actor.GetAsync(), Registry, user, role, CancellationToken.None));
}
