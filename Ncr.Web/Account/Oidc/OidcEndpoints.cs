using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Ncr.Core.Hosting;

namespace Ncr.Web.Account.Oidc;

internal static class OidcEndpoints
{
    /// <summary>On a sign-in that was begun again by itself.</summary>
    public const string Again = "ncr:again";

    public static void MapOidcEndpoints(this IEndpointRouteBuilder endpoints, OidcOptions oidc)
    {
        if (oidc.IsOn)
        {
            endpoints.MapGet(ConsoleUrls.OidcSignIn, BeginAsync);
        }
    }

    /// <summary>Sends the browser to the provider.</summary>
    private static async Task<Results<RedirectHttpResult, EmptyHttpResult>> BeginAsync(HttpContext context, string? returnUrl, bool? again, bool? moved, NcrOptions options, SignInNotes notes, ILogger<OidcEvents> logger)
    {
        // The provider leads back to the public address; the cookies have to be there. Once only: behind some proxies this server never sees that name.
        if (moved != true && options.PublicAddress is { } address && new Uri(address) is var wanted && !wanted.Authority.Equals(new Uri(context.Request.GetEncodedUrl()).Authority, StringComparison.OrdinalIgnoreCase))
        {
            return TypedResults.Redirect($"{address.TrimEnd('/')}{QueryHelpers.AddQueryString(ConsoleUrls.OidcSignInFor(returnUrl), "moved", "true")}");
        }

        var properties = new AuthenticationProperties { RedirectUri = RedirectHttpResult.IsLocalUrl(returnUrl) ? returnUrl : ConsoleUrls.Overview };
        if (again == true)
        {
            properties.Items[Again] = "1";
        }

        try
        {
            await context.ChallengeAsync(OidcSetup.Scheme, properties);
            return TypedResults.Empty;
        }
        catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or IOException)
        {
            OidcEvents.LogFailed(logger, OidcFailures.Describe(exception));
            return TypedResults.LocalRedirect(notes.SignInWith(OidcFailures.Unreachable, returnUrl));
        }
    }
}
