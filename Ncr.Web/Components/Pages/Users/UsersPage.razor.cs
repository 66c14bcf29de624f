using Microsoft.AspNetCore.Components;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Core.Hosting;
using Ncr.Core.Paging;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Users;

/// <summary>All users and service accounts, for those who manage them.</summary>
public sealed partial class UsersPage(UserAdministration users, CurrentActor actor, UserEditor editor, NcrOptions options)
{
    private static readonly DataColumn[] Columns =
    [
        new("Name", nameof(UserRow.Name)),
        new("Role"),
        new("State"),
        new("Registries") { IsNumber = true },
        new("Access keys") { IsNumber = true },
        new("Last sign-in"),
        new("Actions") { IsActions = true },
    ];

    private long? _ownId;

    [CascadingParameter]
    private Rights Rights { get; set; } = Rights.None;

    private async Task<PageOf<UserRow>> LoadAsync(PageRequest page, CancellationToken cancellationToken)
    {
        var who = await actor.GetAsync();
        _ownId = who.UserId;
        return await users.ListAsync(who, page, cancellationToken);
    }

    /// <summary>Without waiting for the end: the menu closes once its item is through, and a dialog would stand before it.</summary>
    private void Begin(Func<Task> action) => _ = RunAsync(action);

    private async Task RunAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception exception) // Nobody awaits this but the circuit.
        {
            await DispatchExceptionAsync(exception);
        }
    }

    private static bool Concerns(Change change) => change.UserId is not null || change.Type == EventTypes.MemberChanged;
}
