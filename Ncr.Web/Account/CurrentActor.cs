using Microsoft.AspNetCore.Components.Authorization;
using Ncr.Core.Access;

namespace Ncr.Web.Account;

/// <summary>Who is using the open page, as Core wants to know it.</summary>
public sealed class CurrentActor(AuthenticationStateProvider authentication)
{
    /// <summary>Where the page was opened from and how that came in, for nobody yet.</summary>
    public Actor From { get; set; } = Actor.Anonymous(null);

    public async ValueTask<Actor> GetAsync()
    {
        var user = (await authentication.GetAuthenticationStateAsync()).User;
        return user.Identity?.IsAuthenticated == true && ConsoleSession.FindUserId(user) is { } id
            ? From with { UserId = id, Name = user.Identity.Name ?? "" }
            : From;
    }
}
