using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Ncr.Core.Access;
using Ncr.Core.Sessions;
using Ncr.Registry.Auth;

namespace Ncr.Web.Account;

/// <summary>The session of a signed-in user: a cookie that names it. Whether it is good, its row in the database says.</summary>
internal static class ConsoleSession
{
    private const string TokenClaim = "ncr:session";

    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "ncr-session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = SessionService.IdleTime;
        options.SlidingExpiration = true;
        options.LoginPath = ConsoleUrls.SignIn;
        options.LogoutPath = ConsoleUrls.SignOut;
        options.AccessDeniedPath = ConsoleUrls.SignIn;
        options.ReturnUrlParameter = "returnUrl";
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    /// <summary>Where a request comes from.</summary>
    public static Visitor VisitorOf(HttpContext context) => new(
        ClientAddress.Of(context.Connection.RemoteIpAddress),
        context.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent : null);

    /// <summary>Who is asking, as Core wants to know it.</summary>
    public static Actor ActorOf(HttpContext context)
    {
        var origin = RequestOrigin.Of(context);
        return FindUserId(context.User) is { } id ? origin with { UserId = id, Name = context.User.Identity?.Name ?? "" } : origin;
    }

    public static Task BeginAsync(HttpContext context, SignedInUser user)
    {
        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, user.Id.ToString(CultureInfo.InvariantCulture)),
                new Claim(ClaimTypes.Name, user.Name),
                new Claim(TokenClaim, user.Token),
            ],
            CookieAuthenticationDefaults.AuthenticationScheme);
        return context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
    }

    public static long? FindUserId(ClaimsPrincipal principal) =>
        long.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>What names the session.</summary>
    public static string? FindToken(ClaimsPrincipal principal) => principal.FindFirstValue(TokenClaim);

    /// <param name="sessions">Which sessions there are.</param>
    /// <param name="principal">Who the cookie says it is.</param>
    /// <param name="address">Where it is used from now; null for an open page, of which only the beginning is known.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    public static async ValueTask<bool> IsValidAsync(SessionService sessions, ClaimsPrincipal? principal, string? address, CancellationToken cancellationToken) =>
        principal is not null
        && FindUserId(principal) is { } id
        && FindToken(principal) is { } token
        && await sessions.IsValidAsync(id, token, address, cancellationToken);

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var sessions = context.HttpContext.RequestServices.GetRequiredService<SessionService>();
        var address = ClientAddress.Of(context.HttpContext.Connection.RemoteIpAddress);
        if (!await IsValidAsync(sessions, context.Principal, address, context.HttpContext.RequestAborted))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        }
    }
}
