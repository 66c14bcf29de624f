using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Ncr.Core.Access;

namespace Ncr.Web.Account;

/// <summary>The session of a signed-in user: a cookie that says who it is and which password it was begun with.</summary>
internal static class ConsoleSession
{
    private const string StampClaim = "ncr:stamp";

    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "ncr-session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = TimeSpan.FromHours(12);
        options.SlidingExpiration = true;
        options.LoginPath = ConsoleUrls.SignIn;
        options.LogoutPath = ConsoleUrls.SignOut;
        options.AccessDeniedPath = ConsoleUrls.SignIn;
        options.ReturnUrlParameter = "returnUrl";
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    public static Task BeginAsync(HttpContext context, SignedInUser user)
    {
        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, user.Id.ToString(CultureInfo.InvariantCulture)),
                new Claim(ClaimTypes.Name, user.Name),
                new Claim(StampClaim, user.SecurityStamp),
            ],
            CookieAuthenticationDefaults.AuthenticationScheme);
        return context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
    }

    public static long? FindUserId(ClaimsPrincipal principal) =>
        long.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), CultureInfo.InvariantCulture, out var id) ? id : null;

    public static async ValueTask<bool> IsValidAsync(UserService users, ClaimsPrincipal? principal, CancellationToken cancellationToken) =>
        principal is not null
        && FindUserId(principal) is { } id
        && principal.FindFirstValue(StampClaim) is { } stamp
        && await users.IsSessionValidAsync(id, stamp, cancellationToken);

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var users = context.HttpContext.RequestServices.GetRequiredService<UserService>();
        if (!await IsValidAsync(users, context.Principal, context.HttpContext.RequestAborted))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        }
    }
}
