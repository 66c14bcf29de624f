using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Ncr.Core.Errors;

namespace Ncr.Core.Access;

/// <summary>
/// Slows down guessing. Failures are counted for an account from one address, for an address, and for an account; past a number
/// of free tries each further failure doubles the wait, and each minute takes a failure off again. Who logged in from an address
/// before is not in the way of what others do there or with the account: a stranger can't lock its owner out.
/// </summary>
internal sealed class AttemptThrottle(TimeProvider clock)
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(30);
    private const int MaxEntries = 50_000;

    private readonly ConcurrentDictionary<string, Failures> _failures = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _successes = new();

    /// <exception cref="NcrException"><see cref="NcrError.TooManyRequests"/>, with the time to wait.</exception>
    public void Check(string account, string? address)
    {
        var now = clock.GetUtcNow();
        var limits = LimitsOf(account, address);
        var isKnown = _successes.TryGetValue(limits[0].Key, out var success) && now - success < Memory;
        foreach (var limit in isKnown ? limits.AsSpan(0, 1) : limits)
        {
            if (_failures.TryGetValue(limit.Key, out var failures) && failures.BlockedUntil > now)
            {
                var wait = TimeSpan.FromSeconds(Math.Ceiling((failures.BlockedUntil - now).TotalSeconds));
                throw new NcrException(NcrError.TooManyRequests, $"Too many failed attempts. Try again in {wait.TotalSeconds:0} s.") { RetryAfter = wait };
            }
        }
    }

    public void Failed(string account, string? address)
    {
        var now = clock.GetUtcNow();
        foreach (var limit in LimitsOf(account, address))
        {
            MakeRoom(_failures);
            _failures.AddOrUpdate(limit.Key, _ => new Failures(1, now, default), (_, old) => Next(old, limit, now));
        }
    }

    public void Succeeded(string account, string? address)
    {
        var key = LimitsOf(account, address)[0].Key;
        _failures.TryRemove(key, out _);
        MakeRoom(_successes);
        _successes[key] = clock.GetUtcNow();
    }

    private static Failures Next(Failures old, Limit limit, DateTimeOffset now)
    {
        var count = Math.Max(0, old.Count - (int)Math.Min((now - old.Last).TotalMinutes, old.Count)) + 1;
        var seconds = count <= limit.Free ? 0 : Math.Min(limit.Longest.TotalSeconds, Math.Pow(2, Math.Min(count - limit.Free - 1, 20)));
        return new Failures(count, now, now.AddSeconds(seconds));
    }

    /// <summary>Forgets all when there is too much: it takes a flood to get there, and then what is slow would be the sorting out.</summary>
    private static void MakeRoom<T>(ConcurrentDictionary<string, T> entries)
    {
        if (entries.Count >= MaxEntries)
        {
            entries.Clear();
        }
    }

    private static Limit[] LimitsOf(string account, string? address)
    {
        account = account.ToUpperInvariant();
        var network = NetworkOf(address);
        return
        [
            new($"{account}\n{network}", 5, TimeSpan.FromMinutes(15)),
            new($"\n{network}", 50, TimeSpan.FromMinutes(5)),
            new($"{account}\n", 100, TimeSpan.FromSeconds(30)),
        ];
    }

    /// <summary>A line at home has 2^64 addresses of IPv6: they count as one.</summary>
    private static string? NetworkOf(string? address) =>
        IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(parsed.GetAddressBytes().AsSpan(0, 8))
            : address;

    private sealed record Limit(string Key, int Free, TimeSpan Longest);

    private sealed record Failures(int Count, DateTimeOffset Last, DateTimeOffset BlockedUntil);
}
