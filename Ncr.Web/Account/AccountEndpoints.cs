using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Ncr.Core.Sessions;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Account;

internal static class AccountEndpoints
{
    public static void MapAccountEndpoints(this IEndpointRouteBuilder endpoints) => endpoints.MapPost(ConsoleUrls.SignOut, SignOutAsync);

    /// <summary>A form of ours only: another site must not be able to sign people out.</summary>
    private static async Task<RedirectHttpResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery, SessionService sessions)
    {
        if (await antiforgery.IsRequestValidAsync(context))
        {
            if (ConsoleSession.FindToken(context.User) is { } token)
            {
                // Also without the disk: who leaves a machine has to get out, at least of this browser.
                await Refusals.TryAsync(() => sessions.SignOutAsync(ConsoleSession.ActorOf(context), token, CancellationToken.None));
            }

            await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        }

        return TypedResults.LocalRedirect(ConsoleUrls.SignIn);
    }
}
