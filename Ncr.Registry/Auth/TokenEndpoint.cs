using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;
using Ncr.Registry.Protocol;

namespace Ncr.Registry.Auth;

/// <summary><c>/auth/token</c>: Docker's token protocol (GET with Basic) and its OAuth2 form (POST with a grant).</summary>
internal sealed class TokenEndpoint(Authenticator authenticator, AccessKeyService keys, TokenService tokens, AccessService access, NcrOptions options, TimeProvider clock)
{
    private const int MaxScopes = 64;
    private static readonly FormOptions FormLimits = new() { ValueCountLimit = 256, KeyLengthLimit = 256, ValueLengthLimit = 16 * 1024, BufferBodyLengthLimit = 64 * 1024 };
    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var method = context.Request.Method;
        if (HttpMethods.IsGet(method))
        {
            await GetAsync(context);
        }
        else if (HttpMethods.IsPost(method) && context.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true)
        {
            await PostAsync(context);
        }
        else if (HttpMethods.IsPost(method))
        {
            await RegistryErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "UNSUPPORTED", "A POST must send a form (application/x-www-form-urlencoded) with a grant_type.");
        }
        else
        {
            context.Response.Headers.Allow = "GET, POST";
            await RegistryErrors.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "UNSUPPORTED", "The token service takes GET and POST.");
        }
    }

    private async Task GetAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (await authenticator.LoginAsync(context) is not { } key)
        {
            if (context.Request.Headers.Authorization.Count == 0
                && await GrantAsync(RequestOrigin.Of(context), RegistryScope.ParseMany(query["scope"]), context.RequestAborted) is { Count: > 0 } open)
            {
                await WriteAsync(context, tokens.CreateAnonymousToken(open, options.TokenLifetime), open, null);
                return;
            }

            // docker and skopeo ask here without credentials when they have none, and show this message.
            context.Response.Headers.WWWAuthenticate = $"Basic realm=\"{Challenge.Service}\"";
            await RegistryErrors.WriteAsync(context, StatusCodes.Status401Unauthorized, "UNAUTHORIZED", "Authentication is required: docker login with a User Access Key and its Secret Key (access key from the console).");
            return;
        }

        var offline = string.Equals(query["offline_token"], "true", StringComparison.OrdinalIgnoreCase);
        await WriteAsync(context, key, RegistryScope.ParseMany(query["scope"]), offline);
    }

    private async Task PostAsync(HttpContext context)
    {
        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(FormLimits, context.RequestAborted);
        }
        catch (InvalidDataException exception)
        {
            await RegistryErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "UNSUPPORTED", $"The form can't be read: {exception.Message}");
            return;
        }

        AuthenticatedKey? key;
        var offline = string.Equals(form["access_type"], "offline", StringComparison.OrdinalIgnoreCase);
        switch (form["grant_type"].ToString())
        {
            case "password":
                key = await keys.LoginAsync(form["username"].ToString(), form["password"].ToString(), RequestOrigin.Of(context), context.RequestAborted);
                break;
            case "refresh_token":
                key = tokens.ReadRefreshToken(form["refresh_token"].ToString()) is { } ticket
                    ? await keys.FindLiveAsync(ticket.Key, ticket.Version, RequestOrigin.Of(context), context.RequestAborted)
                    : null;
                offline = true;
                break;
            default:
                await RegistryErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "UNSUPPORTED", "grant_type must be 'password' or 'refresh_token'.");
                return;
        }

        if (key is null)
        {
            throw new NcrException(NcrError.Unauthenticated, "This login has ended: its access key was deleted, disabled or changed. Log in again with docker login.");
        }

        await WriteAsync(context, key, RegistryScope.ParseMany(form["scope"]), offline);
    }

    private async Task WriteAsync(HttpContext context, AuthenticatedKey key, IReadOnlyList<RegistryScope> scopes, bool offline)
    {
        var granted = await GrantAsync(key.Actor, scopes, context.RequestAborted);
        await WriteAsync(context, tokens.CreateAccessToken(key, granted, options.TokenLifetime), granted, offline ? tokens.CreateRefreshToken(key) : null);
    }

    private Task WriteAsync(HttpContext context, string token, IReadOnlyList<GrantedScope> granted, string? refreshToken)
    {
        var body = new TokenBody(
            token,
            token,
            (int)options.TokenLifetime.TotalSeconds,
            clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null),
            string.Join(' ', granted.Select(g => (Scope: g, Actions: g.Actions.Where(a => a != RegistryScope.Look).ToList())).Where(g => g.Actions.Count > 0).Select(g => $"{g.Scope.Type}:{g.Scope.Name}:{string.Join(',', g.Actions)}")),
            refreshToken);
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, Json), context.RequestAborted).AsTask();
    }

    private async Task<IReadOnlyList<GrantedScope>> GrantAsync(Actor actor, IReadOnlyList<RegistryScope> scopes, CancellationToken cancellationToken)
    {
        var granted = new List<GrantedScope>();
        foreach (var scope in scopes.Take(MaxScopes))
        {
            var actions = await GrantAsync(actor, scope, cancellationToken);
            if (actions.Count > 0)
            {
                granted.Add(new GrantedScope(scope.Type, scope.Name, actions));
            }
        }

        return granted;
    }

    /// <summary>Of what was asked for, what the user may do now. That a registry exists is not asked: a push to one that does not shall be told so.</summary>
    private async Task<IReadOnlyList<string>> GrantAsync(Actor actor, RegistryScope scope, CancellationToken cancellationToken)
    {
        if (scope.Type == RegistryScope.RegistryType && scope.Name == RegistryScope.Catalog)
        {
            return await access.IsAllowedAsync(actor, Permission.ViewImages, null, cancellationToken) ? [RegistryScope.All] : [];
        }

        if (scope.Type != RegistryScope.Repository)
        {
            return [];
        }

        var slash = scope.Name.IndexOf('/', StringComparison.Ordinal);
        var registry = slash > 0 ? scope.Name[..slash] : scope.Name;
        IReadOnlyList<string> wanted = scope.Actions.Contains(RegistryScope.All) ? [RegistryScope.Pull, RegistryScope.Push, RegistryScope.Delete] : scope.Actions;
        var actions = new List<string>();
        foreach (var action in wanted)
        {
            if (RegistryScope.PermissionFor(action) is { } permission && await access.IsAllowedAsync(actor, permission, registry, cancellationToken))
            {
                actions.Add(action);
            }
            else if (action == RegistryScope.Pull && await access.IsAllowedAsync(actor, Permission.PushImage, registry, cancellationToken))
            {
                actions.Add(RegistryScope.Look); // helm and others look before they push with a token for pulling, and fetch no second one.
            }
        }

        return actions;
    }

    private sealed record TokenBody(
        [property: JsonPropertyName("token")] string Token,
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn,
        [property: JsonPropertyName("issued_at")] string IssuedAt,
        [property: JsonPropertyName("scope")] string Scope,
        [property: JsonPropertyName("refresh_token")] string? RefreshToken);
}
