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
    private const int KeyLooks = 50;
    private static readonly TimeSpan KeyInterval = TimeSpan.FromMilliseconds(100);
    private static readonly object KeysBefore = new();

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

    public override async Task MessageReceived(MessageReceivedContext context)
    {
        if (context.Options.ConfigurationManager is { } manager)
        {
            context.HttpContext.Items[KeysBefore] = await manager.GetConfigurationAsync(context.HttpContext.RequestAborted);
        }
    }

    public override async Task RemoteFailure(RemoteFailureContext context)
    {
        var (failure, properties) = (context.Failure!, context.Properties);
        LogFailed(logger, OidcFailures.Describe(failure));

        // When the keys were changed since they were last read, nobody needs to notice.
        var isFirst = properties is not null && !properties.Items.ContainsKey(OidcEndpoints.Again);
        context.Response.Redirect(isFirst && OidcFailures.Find<SecurityTokenSignatureKeyNotFoundException>(failure) is not null && await HasNewKeysAsync(context)
            ? ConsoleUrls.OidcSignInFor(properties!.RedirectUri, again: true)
            : notes.SignInWith(OidcFailures.Explain(failure), properties?.RedirectUri));
        context.HandleResponse();
    }

    /// <summary>Waits for the keys, which the framework reads anew by itself, but beside the request that missed one.</summary>
    private static async Task<bool> HasNewKeysAsync(RemoteFailureContext context)
    {
        var (http, manager) = (context.HttpContext, (context.Options as OpenIdConnectOptions)?.ConfigurationManager);
        for (var i = 0; manager is not null && i < KeyLooks; i++)
        {
            if (!ReferenceEquals(await manager.GetConfigurationAsync(http.RequestAborted), http.Items[KeysBefore]))
            {
                return true;
            }

            await Task.Delay(KeyInterval, http.RequestAborted);
        }

        return false;
    }

    [LoggerMessage(LogLevel.Warning, "Signing in by OpenID Connect failed: {Reason}")]
    internal static partial void LogFailed(ILogger logger, string reason);
}
