using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Ncr.Core.Access;
using Ncr.Core.Events;
using Ncr.Core.Sessions;
using Ncr.Web.Account;
using Ncr.Web.Components.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Users;

/// <summary>Another's sessions, for those who manage users.</summary>
public sealed partial class UserSessionsPage(UserAdministration users, SessionService sessions, CurrentActor actor, AuthenticationStateProvider authentication, IDialogService dialogs, ISnackbar snackbar)
{
    private static readonly (string, string)[] Trail = [("Users", ConsoleUrls.Users)];

    private UserRow? _row;
    private IReadOnlyList<SessionRow>? _sessions;
    private bool _isLoaded;

    [SupplyParameterFromQuery(Name = "user")]
    private string? UserName { get; set; }

    protected override Task OnParametersSetAsync() => RefreshAsync();

    protected override bool Concerns(Change change) => change.UserId is { } user && user == _row?.Id;

    protected override async Task RefreshAsync()
    {
        var who = await actor.GetAsync();
        var token = ConsoleSession.FindToken((await authentication.GetAuthenticationStateAsync()).User);
        _row = await users.FindAsync(who, UserName ?? "", Disposing);
        _sessions = _row is null ? null : await sessions.ListOfAsync(who, _row.Id, token, Disposing);
        _isLoaded = true;
    }

    private async Task EndAsync(SessionRow session)
    {
        string[] lines = [$"{_row!.Name} is signed out of {BrowserText.Of(session.UserAgent)} at {session.Address ?? "an unknown address"} at once."];
        if (await dialogs.ConfirmAsync(new ConfirmQuestion(session.IsCurrent ? "End the session you are using now?" : "End this session?", "End session", lines) { Closing = "Signing in again stays possible." }))
        {
            await snackbar.TryAsync(async () =>
            {
                await sessions.EndAsync(await actor.GetAsync(), session.Id, CancellationToken.None);
                return "The session was ended.";
            });
        }
    }

    private async Task EndAllAsync()
    {
        string[] lines = [$"{_row!.Name} is signed out everywhere at once."];
        if (await dialogs.ConfirmAsync(new ConfirmQuestion($"End all sessions of {_row.Name}?", "End all sessions", lines) { Closing = "Signing in again stays possible; disable the account to prevent that." }))
        {
            await snackbar.TryAsync(async () =>
            {
                await sessions.EndAllOfAsync(await actor.GetAsync(), _row.Id, CancellationToken.None);
                return $"'{_row.Name}' was signed out everywhere.";
            });
        }
    }
}
