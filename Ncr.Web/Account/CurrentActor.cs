using Microsoft.AspNetCore.Components.Authorization;
using Ncr.Core.Access;

namespace Ncr.Web.Account;

/// <summary>Who is using the open page, as Core wants to know it.</summary>
public sealed class CurrentActor(AuthenticationStateProvider authentication)
{
    /// <summary>The address the page was opened from.</summary>
    public string? Address { get; set; }

    public async ValueTask<Actor> GetAsync()
    {
        var user = (await authentication.GetAuthenticationStateAsync()).User;
        return user.Identity?.IsAuthenticated == true && ConsoleSession.FindUserId(user) is { } id
            ? new Actor(id, user.Identity.Name ?? "", Address)
            : Actor.Anonymous(Address);
    }
}
