using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Ncr.Core.Access;
using Ncr.Core.Events;

namespace Ncr.Web.Account;

/// <summary>
/// Ends the session of an open page when its user may no longer sign in: the cookie is not looked at while a page is open. What this process changes ends
/// it at once, the rest within the interval.
/// </summary>
internal sealed partial class NcrAuthenticationStateProvider : RevalidatingServerAuthenticationStateProvider
{
    private readonly UserService _users;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _logger;
    private readonly IDisposable _subscription;

    public NcrAuthenticationStateProvider(ILoggerFactory loggerFactory, UserService users, ChangeFeed changes, IHostApplicationLifetime lifetime)
        : base(loggerFactory)
    {
        _users = users;
        _lifetime = lifetime;
        _logger = loggerFactory.CreateLogger<NcrAuthenticationStateProvider>();
        _subscription = changes.Subscribe(OnChange);
    }

    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(20);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        _lifetime.ApplicationStopping.IsCancellationRequested // Circuits are not ended with the server; there is nobody to ask any more.
        || await ConsoleSession.IsValidAsync(_users, authenticationState.User, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        _subscription.Dispose();
        base.Dispose(disposing);
    }

    private void OnChange(Change change)
    {
        if (change is { UserId: { } user, Type: EventTypes.UserChanged or EventTypes.UserDeleted or EventTypes.SessionsEnded })
        {
            _ = LookAsync(user);
        }
    }

    private async Task LookAsync(long user)
    {
        try
        {
            var state = await GetAuthenticationStateAsync();
            if (ConsoleSession.FindUserId(state.User) == user && !await ValidateAuthenticationStateAsync(state, _lifetime.ApplicationStopping))
            {
                SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity()))));
            }
        }
        catch (Exception exception) // Nobody awaits this; the next look at the interval makes up for it.
        {
            LogLookFailed(_logger, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Whether a session goes on could not be looked up at once")]
    private static partial void LogLookFailed(ILogger logger, Exception exception);
}
