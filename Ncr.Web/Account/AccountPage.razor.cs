using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using Ncr.Core.Access;
using Ncr.Core.Sessions;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Account;

/// <summary>One's own account: a static page with forms, like the others around signing in.</summary>
public sealed partial class AccountPage(UserService users, SessionService sessions, AccessService access, TimeProvider clock, NavigationManager navigation)
{
    private const string PasswordDone = "password";
    private const string SessionsDone = "sessions";
    private const string SessionDone = "session";
    private const string Others = "others";
    private const int ShownRegistries = 20;

    private static readonly object Form = new();

    private IReadOnlyList<SessionRow> _sessions = [];
    private OwnRoles? _roles;
    private bool _isExternal;
    private string? _refusal;
    private string? _sessionRefusal;
    private string? _fault;
    private string? _repeatFault;

    [SupplyParameterFromForm(FormName = "change-password")]
    private Passwords Input { get; set; } = default!;

    /// <summary>Which session to end; <see cref="Others"/> for all others.</summary>
    [SupplyParameterFromForm(FormName = "end-sessions")]
    private string? Ended { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    private Actor Actor => ConsoleSession.ActorOf(Http);

    private string Token => ConsoleSession.FindToken(Http.User) ?? "";

    protected override async Task OnInitializedAsync()
    {
        Input ??= new();
        _roles = await access.FindOwnRolesAsync(Actor, Http.RequestAborted);
        _isExternal = await users.IsExternalAsync(Actor, Http.RequestAborted);
        _sessions = await sessions.ListOwnAsync(Actor, Token, Http.RequestAborted);
    }

    private async Task ChangeAsync()
    {
        var (present, password) = (Input.Present, Input.Password);
        _fault = UserService.ExplainPassword(password);
        _repeatFault = _fault is null && Input.Repeat != password ? "The two passwords differ." : null;
        Input.Present = Input.Password = Input.Repeat = null; // Not into the answer's markup.
        if (_fault is null && _repeatFault is null)
        {
            _refusal = await GoOnAsync(PasswordDone, () => users.ChangePasswordAsync(Actor, Token, present ?? "", password!, CancellationToken.None));
        }
    }

    private async Task EndAsync()
    {
        if (Ended == Others)
        {
            _sessionRefusal = await GoOnAsync(SessionsDone, () => sessions.EndOthersAsync(Actor, Token, CancellationToken.None));
        }
        else if (long.TryParse(Ended, CultureInfo.InvariantCulture, out var id))
        {
            _sessionRefusal = await GoOnAsync(SessionDone, () => sessions.EndAsync(Actor, id, CancellationToken.None));
        }
    }

    private string Ago(DateTime at)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return RelativeTime.Format(at, now) ?? RelativeTime.Exact(at);
    }

    /// <returns>Why not; null when it was done.</returns>
    private async Task<string?> GoOnAsync(string done, Func<Task> change)
    {
        if (await Refusals.TryAsync(change) is { } refusal)
        {
            return refusal;
        }

        navigation.NavigateTo(QueryHelpers.AddQueryString(ConsoleUrls.Account, "done", done));
        return null;
    }

    private sealed class Passwords
    {
        public string? Present { get; set; }

        public string? Password { get; set; }

        public string? Repeat { get; set; }
    }
}
