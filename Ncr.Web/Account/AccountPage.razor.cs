using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using Ncr.Core.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Account;

/// <summary>One's own account. A static page: what is done here gives the session a new cookie, which only an answer to a request can.</summary>
public sealed partial class AccountPage(UserService users, AccessService access, NavigationManager navigation)
{
    private const string PasswordDone = "password";
    private const string SessionsDone = "sessions";
    private const int ShownRegistries = 20;

    private static readonly object Sessions = new();

    private OwnRoles? _roles;
    private string? _refusal;
    private string? _sessionRefusal;
    private string? _fault;
    private string? _repeatFault;

    [SupplyParameterFromForm(FormName = "change-password")]
    private Passwords Input { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    private Actor Actor => ConsoleSession.FindUserId(Http.User) is { } id
        ? new Actor(id, Http.User.Identity?.Name ?? "", ClientAddress.Of(Http.Connection.RemoteIpAddress))
        : Actor.Anonymous(ClientAddress.Of(Http.Connection.RemoteIpAddress));

    protected override async Task OnInitializedAsync()
    {
        Input ??= new();
        _roles = await access.FindOwnRolesAsync(Actor, Http.RequestAborted);
    }

    private async Task ChangeAsync()
    {
        var (present, password) = (Input.Present, Input.Password);
        _fault = UserService.ExplainPassword(password);
        _repeatFault = _fault is null && Input.Repeat != password ? "The two passwords differ." : null;
        Input.Present = Input.Password = Input.Repeat = null; // Not into the answer's markup.
        if (_fault is null && _repeatFault is null)
        {
            _refusal = await GoOnAsync(PasswordDone, () => users.ChangePasswordAsync(Actor, present ?? "", password!, CancellationToken.None));
        }
    }

    private async Task EndOthersAsync() => _sessionRefusal = await GoOnAsync(SessionsDone, () => users.EndOtherSessionsAsync(Actor, CancellationToken.None));

    /// <summary>Does what ends one's sessions, and begins this one anew.</summary>
    /// <returns>Why not; null when it was done.</returns>
    private async Task<string?> GoOnAsync(string done, Func<Task<SignedInUser>> change)
    {
        if (await Refusals.TryAsync(async () => await ConsoleSession.BeginAsync(Http, await change())) is { } refusal)
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
