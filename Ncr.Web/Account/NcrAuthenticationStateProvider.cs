using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Ncr.Core.Access;

namespace Ncr.Web.Account;

/// <summary>Ends the session of an open page when its user may no longer sign in: the cookie is not looked at while a page is open.</summary>
internal sealed class NcrAuthenticationStateProvider(ILoggerFactory loggerFactory, UserService users, IHostApplicationLifetime lifetime) : RevalidatingServerAuthenticationStateProvider(loggerFactory)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(20);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        lifetime.ApplicationStopping.IsCancellationRequested // Circuits are not ended with the server; there is nobody to ask any more.
        || await ConsoleSession.IsValidAsync(users, authenticationState.User, cancellationToken);
}
