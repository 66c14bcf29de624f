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
    private readonly ConcurrentDictionary<bool, Entry<IReadOnlyDictionary<string, RegistryDoor>>> _doors = new();
    private readonly ConcurrentDictionary<string, Entry<CachedSession>> _sessions = new();
    private int _generation;

    public ValueTask<CachedUser?> FindUserAsync(long id, CancellationToken cancellationToken) =>
        FindAsync(
            _users,
            id,
            db => db.Users.Where(u => u.Id == id).Select(u => new CachedUser(
                u.Id,
                u.Name,
                u.Role,
                u.IsDisabled,
                db.RegistryMembers.Where(m => m.UserId == u.Id && m.Registry!.DeletionId == null).Select(m => new CachedMember(m.Registry!.Name, m.Role)).ToList())),
            cancellationToken);

    public ValueTask<CachedKey?> FindKeyAsync(string key, CancellationToken cancellationToken) =>
        FindAsync(_keys, key, db => db.AccessKeys.Where(k => k.Key == key).Select(k => new CachedKey(k.Id, k.Key, k.UserId, k.SecretHash, k.Version, k.IsEnabled, k.ExpiresAt, k.Registries, k.MayPull, k.MayPush, k.Networks)), cancellationToken);

    /// <summary>The doors of the registries that differ from <see cref="RegistryDoor.Open"/>: few on most servers, so they are kept as a whole.</summary>
    public async ValueTask<IReadOnlyDictionary<string, RegistryDoor>> DoorsAsync(CancellationToken cancellationToken) =>
        (await FindAsync(_doors, true, ReadDoorsAsync, cancellationToken))!;

    /// <summary>A session by the hash of its token.</summary>
    public ValueTask<CachedSession?> FindSessionAsync(string tokenHash, CancellationToken cancellationToken) =>
        FindAsync(_sessions, tokenHash, db => db.Sessions.Where(s => s.TokenHash == tokenHash).Select(s => new CachedSession(s.Id, s.UserId, s.LastSeenAt, s.Address)), cancellationToken);

    /// <summary>Call it after committing any change of a user, a session, a key, a member, a door, or which registries there are.</summary>
    public void Drop()
    {
        Interlocked.Increment(ref _generation);
        _users.Clear();
        _keys.Clear();
        _doors.Clear();
        _sessions.Clear();
    }

    private static async Task<IReadOnlyDictionary<string, RegistryDoor>?> ReadDoorsAsync(NcrDbContext db, CancellationToken cancellationToken)
    {
        var rows = await db.Registries.Where(r => r.DeletionId == null && (!r.IsPublicUriOn || r.Networks != null || r.AllowsAnonymousPull))
            .Select(r => new { r.Name, r.IsPublicUriOn, r.Networks, r.AllowsAnonymousPull })
            .ToListAsync(cancellationToken);
        return rows.ToDictionary(r => r.Name, r => RegistryDoor.Of(r.IsPublicUriOn, r.Networks, r.AllowsAnonymousPull), StringComparer.Ordinal);
    }

    private ValueTask<T?> FindAsync<TKey, T>(ConcurrentDictionary<TKey, Entry<T>> cache, TKey key, Func<NcrDbContext, IQueryable<T>> query, CancellationToken cancellationToken)
        where TKey : notnull
        where T : class => FindAsync(cache, key, (db, token) => query(db).FirstOrDefaultAsync(token), cancellationToken);

    private async ValueTask<T?> FindAsync<TKey, T>(ConcurrentDictionary<TKey, Entry<T>> cache, TKey key, Func<NcrDbContext, CancellationToken, Task<T?>> read, CancellationToken cancellationToken)
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
        var value = await read(db, cancellationToken);
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

    internal sealed record CachedUser(long Id, string Name, Role Role, bool IsDisabled, IReadOnlyList<CachedMember> Members)
    {
        /// <summary>Whether the role that was given everywhere, or the one in this registry, allows it.</summary>
        public bool Has(Permission permission, string registry)
        {
            if (RoleMatrix.Allows(Role, permission))
            {
                return true;
            }

            foreach (var member in Members)
            {
                if (member.Registry == registry)
                {
                    return RoleMatrix.Allows(member.Role, permission);
                }
            }

            return false;
        }
    }

    internal sealed record CachedMember(string Registry, Role Role);

    internal sealed record CachedSession(long Id, long UserId, DateTime LastSeenAt, string? Address);

    internal sealed record CachedKey(
        long Id, string Key, long UserId, string SecretHash, int Version, bool IsEnabled, DateTime? ExpiresAt, string? Registries, bool MayPull, bool MayPush, string? Networks)
    {
        /// <summary>Read once, not at each request.</summary>
        public KeyLimits Limits { get; } = Registries is null && MayPull && MayPush ? KeyLimits.None : new KeyLimits(Registries?.Split(',').ToHashSet(StringComparer.Ordinal), MayPull, MayPush);

        /// <summary>Null for all.</summary>
        public NetworkList? From { get; } = Networks is null ? null : NetworkList.Parse(Networks);
    }

    private sealed record Entry<T>(T? Value, long At);
}
