using System.Collections.Concurrent;
using Ncr.Core.Errors;

namespace Ncr.Core.Access;

/// <summary>
/// Slows down guessing. Failures are counted for an account from one address, for an address, and for an account; past a number
/// of free tries each further failure doubles the wait. A stranger can so not lock an account for its owner elsewhere for long.
/// </summary>
internal sealed class AttemptThrottle(TimeProvider clock)
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(30);
    private const int MaxEntries = 50_000;

    private readonly ConcurrentDictionary<string, Failures> _failures = new();

    /// <exception cref="NcrException"><see cref="NcrError.TooManyRequests"/>, with the time to wait.</exception>
    public void Check(string account, string? address)
    {
        var now = clock.GetUtcNow();
        foreach (var (key, _, _) in Keys(account, address))
        {
            if (_failures.TryGetValue(key, out var failures) && failures.BlockedUntil > now)
            {
                var wait = TimeSpan.FromSeconds(Math.Ceiling((failures.BlockedUntil - now).TotalSeconds));
                throw new NcrException(NcrError.TooManyRequests, $"Too many failed attempts. Try again in {wait.TotalSeconds:0} s.") { RetryAfter = wait };
            }
        }
    }

    public void Failed(string account, string? address)
    {
        var now = clock.GetUtcNow();
        if (_failures.Count >= MaxEntries)
        {
            foreach (var (key, failures) in _failures)
            {
                if (now - failures.Last > Memory)
                {
                    _failures.TryRemove(key, out _);
                }
            }
        }

        foreach (var (key, free, longest) in Keys(account, address))
        {
            _failures.AddOrUpdate(
                key,
                _ => new Failures(1, now, default),
                (_, old) =>
                {
                    var count = now - old.Last > Memory ? 1 : old.Count + 1;
                    var seconds = count <= free ? 0 : Math.Min(longest.TotalSeconds, Math.Pow(2, Math.Min(count - free - 1, 20)));
                    return new Failures(count, now, now.AddSeconds(seconds));
                });
        }
    }

    public void Succeeded(string account, string? address) => _failures.TryRemove(Keys(account, address)[0].Key, out _);

    private static (string Key, int Free, TimeSpan Longest)[] Keys(string account, string? address)
    {
        account = account.ToUpperInvariant();
        return
        [
            ($"{account}\n{address}", 5, TimeSpan.FromMinutes(15)),
            ($"\n{address}", 50, TimeSpan.FromMinutes(5)),
            ($"{account}\n", 100, TimeSpan.FromSeconds(30)),
        ];
    }

    private sealed record Failures(int Count, DateTimeOffset Last, DateTimeOffset BlockedUntil);
}
