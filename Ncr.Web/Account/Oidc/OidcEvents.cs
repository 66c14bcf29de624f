using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Ncr.Core.Access.External;
using Ncr.Core.Hosting;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Account.Oidc;

/// <summary>What becomes of the answers of the provider: a session, or the sign-in page with a sentence.</summary>
internal sealed partial class OidcEvents(ExternalSignInService signIn, NcrOptions options, SignInNotes notes, ILogger<OidcEvents> logger) : OpenIdConnectEvents
{
    public override Task RedirectToIdentityProvider(RedirectContext context)
    {
        if (options.PublicAddress is { } address)
        {
            context.ProtocolMessage.RedirectUri = address.TrimEnd('/') + ConsoleUrls.OidcCallback;
        }

        return Task.CompletedTask;
    }

    /// <summary>In this flow the framework does not insist on a signature, since the token came straight from the provider. Nothing here rests on that way alone.</summary>
    public override Task TokenValidated(TokenValidatedContext context)
    {
        if (context.SecurityToken.RawSignature is not { Length: > 0 } || !OidcSetup.Algorithms.Contains(context.SecurityToken.SignatureAlgorithm))
        {
            context.Fail(new SecurityTokenInvalidSignatureException("The token is not signed."));
        }

        return Task.CompletedTask;
    }

    public override async Task TicketReceived(TicketReceivedContext context)
    {
        var claims = context.Principal!;
        var identity = new ExternalIdentity(
            claims.FindFirstValue("iss")!,
            claims.FindFirstValue("sub")!,
            claims.FindFirstValue(options.Oidc.NameClaim!),
            claims.FindAll(options.Oidc.GroupsClaim!).Select(c => c.Value).ToHashSet(StringComparer.Ordinal));
        var target = context.ReturnUri ?? ConsoleUrls.Overview;
        try
        {
            var user = await signIn.SignInAsync(identity, ConsoleSession.VisitorOf(context.HttpContext), context.HttpContext.RequestAborted);
            await ConsoleSession.BeginAsync(context.HttpContext, user);
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            target = notes.SignInWith(refusal.Message, target);
        }

        context.Response.Redirect(target);
        context.HandleResponse();
    }

    public override Task AccessDenied(AccessDeniedContext context)
    {
        context.Response.Redirect(notes.SignInWith(OidcFailures.Cancelled, context.ReturnUrl));
        context.HandleResponse();
        return Task.CompletedTask;
    }

    public override Task RemoteFailure(RemoteFailureContext context)
    {
        var (failure, properties) = (context.Failure!, context.Properties);
        LogFailed(logger, OidcFailures.Describe(failure));

        // The keys were changed since they were last read, which is being done again by now: nobody needs to notice.
        var isAgain = properties is not null && properties.Items.ContainsKey(OidcEndpoints.Again);
        context.Response.Redirect(OidcFailures.Find<SecurityTokenSignatureKeyNotFoundException>(failure) is not null && properties is not null && !isAgain
            ? ConsoleUrls.OidcSignInFor(properties.RedirectUri, again: true)
            : notes.SignInWith(OidcFailures.Explain(failure), properties?.RedirectUri));
        context.HandleResponse();
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Warning, "Signing in by OpenID Connect failed: {Reason}")]
    internal static partial void LogFailed(ILogger logger, string reason);
}
