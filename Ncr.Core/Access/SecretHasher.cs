using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;

namespace Ncr.Core.Access;

/// <summary>Passwords and secret keys are kept as ASP.NET Core Identity's hashes.</summary>
internal sealed class SecretHasher
{
    private const int MaxRemembered = 10_000;
    private static readonly PasswordHasher<object> Hasher = new();
    private static readonly object Nobody = new();
    private readonly byte[] _processKey = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, byte[]> _remembered = new();

    /// <summary>Compared against when there is no such account, so that the answer takes as long as for a wrong secret.</summary>
    private static readonly string Decoy = Hasher.HashPassword(Nobody, "decoy");

    public static string Hash(string secret) => Hasher.HashPassword(Nobody, secret);

    /// <summary>False, as slowly as a real check, when <paramref name="hash"/> is null or empty.</summary>
    public static bool Verify(string? hash, string secret)
    {
        var isThere = !string.IsNullOrEmpty(hash);
        return Hasher.VerifyHashedPassword(Nobody, isThere ? hash! : Decoy, secret) != PasswordVerificationResult.Failed && isThere;
    }

    /// <summary>
    /// As <see cref="Verify"/>, but a secret that was right is remembered (as a keyed hash that dies with the process): a client that sends
    /// Basic credentials with each request would else cost milliseconds each time.
    /// </summary>
    public bool VerifyOften(string? hash, string secret)
    {
        var mark = HMACSHA256.HashData(_processKey, Encoding.UTF8.GetBytes(secret));
        if (hash is not null && _remembered.TryGetValue(hash, out var known))
        {
            return CryptographicOperations.FixedTimeEquals(known, mark);
        }

        if (!Verify(hash, secret))
        {
            return false;
        }

        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Clear();
        }

        _remembered[hash!] = mark;
        return true;
    }
}
