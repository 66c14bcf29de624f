using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace Ncr.Core.Access;

/// <summary>
/// Tokens of Docker's token protocol. A token is sealed by Data Protection; it says which key logged in and what it may be used
/// for, never what its user may do: that is looked up at each request (rule C5).
/// </summary>
public sealed class TokenService
{
    private const int MaxRemembered = 20_000;

    private readonly IDataProtector _access;
    private readonly IDataProtector _refresh;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, AccessTicket> _remembered = new();

    internal TokenService(IDataProtectionProvider protection, TimeProvider clock)
    {
        _access = protection.CreateProtector("Ncr.AccessToken");
        _refresh = protection.CreateProtector("Ncr.RefreshToken");
        _clock = clock;
    }

    public string CreateAccessToken(AuthenticatedKey key, IReadOnlyList<GrantedScope> scopes, TimeSpan lifetime) =>
        Seal(_access, new AccessTicket(key.Key, key.Version, (_clock.GetUtcNow() + lifetime).ToUnixTimeSeconds(), scopes));

    /// <summary>A token for somebody who did not say who, for what anybody may do.</summary>
    public string CreateAnonymousToken(IReadOnlyList<GrantedScope> scopes, TimeSpan lifetime) =>
        Seal(_access, new AccessTicket("", 0, (_clock.GetUtcNow() + lifetime).ToUnixTimeSeconds(), scopes));

    /// <summary>What a token says, or null when it is not ours, was tampered with, or ran out.</summary>
    public AccessTicket? ReadAccessToken(string token)
    {
        if (!_remembered.TryGetValue(token, out var ticket))
        {
            ticket = Open<AccessTicket>(_access, token);
            if (ticket is null)
            {
                return null;
            }

            if (_remembered.Count >= MaxRemembered)
            {
                _remembered.Clear();
            }

            _remembered[token] = ticket;
        }

        if (ticket.ExpiresAt > _clock.GetUtcNow().ToUnixTimeSeconds())
        {
            return ticket;
        }

        _remembered.TryRemove(token, out _);
        return null;
    }

    /// <summary>A refresh token stands in for the secret on the client's disk: it ends with the key or its secret, not by time.</summary>
    public string CreateRefreshToken(AuthenticatedKey key) => Seal(_refresh, new RefreshTicket(key.Key, key.Version));

    public RefreshTicket? ReadRefreshToken(string token) => Open<RefreshTicket>(_refresh, token);

    private static string Seal<T>(IDataProtector protector, T ticket) =>
        System.Buffers.Text.Base64Url.EncodeToString(protector.Protect(JsonSerializer.SerializeToUtf8Bytes(ticket)));

    private static T? Open<T>(IDataProtector protector, string token)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(protector.Unprotect(System.Buffers.Text.Base64Url.DecodeFromChars(token)));
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException or JsonException)
        {
            return null;
        }
    }
}
