using System.Text;
using Microsoft.AspNetCore.Http;
using Ncr.Core.Access;
using Ncr.Core.Errors;

namespace Ncr.Registry.Auth;

/// <summary>Finds out who is asking, from a Bearer token or Basic credentials.</summary>
internal sealed class Authenticator(AccessKeyService keys, TokenService tokens)
{
    private const string BearerPrefix = "Bearer ";
    private const string BasicPrefix = "Basic ";

    /// <returns>Null when the request carries no credentials, or a token that is no longer good.</returns>
    /// <exception cref="NcrException">The Basic credentials are wrong.</exception>
    public async ValueTask<Caller?> AuthenticateAsync(HttpContext context)
    {
        string? header = context.Request.Headers.Authorization;
        if (header is null)
        {
            return null;
        }

        if (header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
        {
            var ticket = tokens.ReadAccessToken(header[BearerPrefix.Length..].Trim());
            if (ticket?.IsAnonymous == true)
            {
                return new Caller(RequestOrigin.Of(context), ticket, "");
            }

            var key = ticket is null ? null : await keys.FindLiveAsync(ticket.Key, ticket.Version, RequestOrigin.Of(context), context.RequestAborted);
            return key is null ? null : new Caller(key.Actor, ticket, key.Key);
        }

        return await LoginAsync(context) is { } login ? new Caller(login.Actor, null, login.Key) : null;
    }

    /// <summary>Basic credentials alone, as the token endpoint takes them.</summary>
    /// <returns>Null when the request carries none.</returns>
    public async Task<AuthenticatedKey?> LoginAsync(HttpContext context) =>
        TryReadBasic(context.Request.Headers.Authorization, out var key, out var secret)
            ? await keys.LoginAsync(key, secret, RequestOrigin.Of(context), context.RequestAborted)
            : null;

    private static bool TryReadBasic(string? header, out string key, out string secret)
    {
        key = secret = "";
        if (header is null || !header.StartsWith(BasicPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var buffer = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[BasicPrefix.Length..].Trim(), buffer, out var length))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(buffer, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return false;
        }

        key = text[..colon];
        secret = text[(colon + 1)..];
        return true;
    }
}
