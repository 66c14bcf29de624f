using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Ncr.Core.Errors;
using Ncr.Registry.Protocol;

namespace Ncr.Registry.Auth;

/// <summary>401 answers with Docker's Bearer challenge. The realm follows the host that the client used, so one server may have several names.</summary>
internal static class Challenge
{
    public const string Service = "ncr";

    public static Task WriteAsync(HttpContext context, string scopes, string? error, NcrException? reason)
    {
        var realm = UriHelper.BuildAbsolute(context.Request.Scheme, context.Request.Host, path: "/auth/token");
        var challenge = $"Bearer realm=\"{realm}\",service=\"{Service}\"";
        if (scopes.Length > 0)
        {
            challenge += $",scope=\"{scopes}\"";
        }

        if (error is not null)
        {
            challenge += $",error=\"{error}\"";
        }

        context.Response.Headers.WWWAuthenticate = challenge;
        return reason is not null
            ? RegistryErrors.WriteAsync(context, reason)
            : RegistryErrors.WriteAsync(
                context,
                StatusCodes.Status401Unauthorized,
                "UNAUTHORIZED",
                error == "insufficient_scope"
                    ? "The token was not made for this. Ask the token service for the scope that the challenge names."
                    : "Authentication is required: docker login with a User Access Key and its Secret Key. A login ends when its access key is deleted, disabled or changed.");
    }
}
