using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Ncr.Core.Outgoing;

namespace Ncr.Web.Account.Oidc;

/// <summary>Failures of a sign-in at the provider, in words: for the person on the sign-in page, with more for the log.</summary>
internal static class OidcFailures
{
    public const string Unreachable = "The provider can't be asked now. Try again later; the log of this server says more.";
    public const string Cancelled = "The provider did not let you in, or you cancelled there.";

    private const string Look = "The log of this server says more.";

    public static string Explain(Exception failure) =>
        Find<OutgoingException>(failure) is not null ? Unreachable
        : Find<SecurityTokenInvalidIssuerException>(failure) is not null ? $"What the provider sent is from another issuer than this server expects. {Look}"
        : Find<SecurityTokenInvalidAudienceException>(failure) is not null ? $"What the provider sent is meant for another application than this one. {Look}"
        : Find<OpenIdConnectProtocolInvalidNonceException>(failure) is not null ? $"What the provider sent does not belong to this sign-in. Try again. {Look}"
        : Find<SecurityTokenExpiredException>(failure) is not null || Find<SecurityTokenNotYetValidException>(failure) is not null ? "What the provider sent is not good at this time. Perhaps a clock is wrong, the provider's or this server's."
        : Find<SecurityTokenException>(failure) is not null ? $"What the provider sent is not signed as it should be. {Look}"
        : Find<OpenIdConnectProtocolException>(failure) is not null ? $"The provider did not confirm the sign-in. {Look}"
        : Find<AuthenticationFailureException>(failure) is not null ? "This sign-in was not begun in this browser, or took too long. Try again; cookies have to be allowed."
        : $"Signing in at the provider failed. {Look}";

    /// <summary>For the log, in a line and without what was sent.</summary>
    public static string Describe(Exception failure)
    {
        var cause = OutgoingException.In(failure) ?? failure.GetBaseException();
        return string.Concat($"{cause.GetType().Name}: {cause.Message}".Select(c => char.IsControl(c) ? ' ' : c));
    }

    /// <summary>The exception of a kind that a failure is, or was caused by.</summary>
    public static T? Find<T>(Exception? failure)
        where T : Exception
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is T found)
            {
                return found;
            }
        }

        return null;
    }
}
