using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Telemetry;

namespace Ncr.Core.Access;

/// <summary>Users and access keys as they were at most a few seconds ago; what this server changes is dropped at once (rule C5).</summary>
internal sealed class IdentityCache(IDbContextFactory<NcrDbContext> dbFactory, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    /// <summary>So that a stream of made-up keys can't fill the memory.</summary>
    private const int MaxEntries = 10_000;

    private readonly ConcurrentDictionary<long, Entry<CachedUser>> _users = new();
    private readonly ConcurrentDictionary<string, Entry<CachedKey>> _keys = new();
    private int _generation;

    public ValueTask<CachedUser?> FindUserAsync(long id, CancellationToken cancellationToken) =>
        FindAsync(_users, id, db => db.Users.Where(u => u.Id == id).Select(u => new CachedUser(u.Id, u.Name, u.Role, u.IsDisabled, u.SecurityStamp)), cancellationToken);

    public ValueTask<CachedKey?> FindKeyAsync(string key, CancellationToken cancellationToken) =>
        FindAsync(_keys, key, db => db.AccessKeys.Where(k => k.Key == key).Select(k => new CachedKey(k.Id, k.Key, k.UserId, k.SecretHash, k.Version, k.IsEnabled)), cancellationToken);

    /// <summary>Call it after committing any change of a user or key.</summary>
    public void Drop()
    {
        Interlocked.Increment(ref _generation);
        _users.Clear();
        _keys.Clear();
    }

    private async ValueTask<T?> FindAsync<TKey, T>(ConcurrentDictionary<TKey, Entry<T>> cache, TKey key, Func<NcrDbContext, IQueryable<T>> query, CancellationToken cancellationToken)
        where TKey : notnull
        where T : class
    {
        if (cache.TryGetValue(key, out var entry) && clock.GetElapsedTime(entry.At) < Lifetime)
        {
            NcrMetrics.CacheHit("identity");
            return entry.Value;
        }

        NcrMetrics.CacheMiss("identity");
        var generation = Volatile.Read(ref _generation);
        var at = clock.GetTimestamp();
        await using var db = await dbFactory.CreateDbContextAsync(cancellationToken);
        var value = await query(db).FirstOrDefaultAsync(cancellationToken);
        if (cache.Count >= MaxEntries)
        {
            cache.Clear();
        }

        cache[key] = new Entry<T>(value, at);
        if (generation != Volatile.Read(ref _generation))
        {
            cache.TryRemove(key, out _); // Read before a change, stored after it.
        }

        return value;
    }

    internal sealed record CachedUser(long Id, string Name, Role Role, bool IsDisabled, string SecurityStamp);

    internal sealed record CachedKey(long Id, string Key, long UserId, string SecretHash, int Version, bool IsEnabled);

    private sealed record Entry<T>(T? Value, long At);
}
