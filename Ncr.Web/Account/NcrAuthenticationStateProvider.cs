using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Ncr.Core.Events;
using Ncr.Core.Sessions;

namespace Ncr.Web.Account;

/// <summary>
/// Ends an open page when its session has ended or its user may no longer sign in: the cookie is not looked at while a page is open. What this process changes ends
/// it at once, the rest within the interval.
/// </summary>
internal sealed partial class NcrAuthenticationStateProvider : RevalidatingServerAuthenticationStateProvider
{
    private readonly SessionService _sessions;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _logger;
    private readonly IDisposable _subscription;

    public NcrAuthenticationStateProvider(ILoggerFactory loggerFactory, SessionService sessions, ChangeFeed changes, IHostApplicationLifetime lifetime)
        : base(loggerFactory)
    {
        _sessions = sessions;
        _lifetime = lifetime;
        _logger = loggerFactory.CreateLogger<NcrAuthenticationStateProvider>();
        _subscription = changes.Subscribe(OnChange);
    }

    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(20);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        _lifetime.ApplicationStopping.IsCancellationRequested // Circuits are not ended with the server; there is nobody to ask any more.
        || await ConsoleSession.IsValidAsync(_sessions, authenticationState.User, address: null, cancellationToken);

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
