using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;

namespace Ncr.Core.Access;

/// <summary>The access keys of users, and logging in with them.</summary>
public sealed class AccessKeyService
{
    /// <summary>Pairs a user may have (NCR's limit).</summary>
    public const int MaxPerUser = 5;

    internal const int MaxKeyLength = 64;
    internal const int MaxSecretLength = 256;

    private const string KeyAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string SecretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int KeyLength = 20;
    private const int SecretLength = 40;

    private readonly ConcurrentDictionary<long, DateTime> _used = new();
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly IdentityCache _identities;
    private readonly SecretHasher _hasher;
    private readonly AttemptThrottle _throttle;
    private readonly EventLog _events;
    private readonly TimeProvider _clock;

    internal AccessKeyService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, AccessService access, IdentityCache identities, SecretHasher hasher, AttemptThrottle throttle, EventLog events, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _access = access;
        _identities = identities;
        _hasher = hasher;
        _throttle = throttle;
        _events = events;
        _clock = clock;
    }

    /// <summary>The actor's own keys, oldest first; at most <see cref="MaxPerUser"/>.</summary>
    public async Task<IReadOnlyList<AccessKeyRow>> ListOwnAsync(Actor actor, CancellationToken cancellationToken)
    {
        var userId = await RequireUserAsync(actor, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var rows = await db.AccessKeys.Where(k => k.UserId == userId).OrderBy(k => k.Id)
            .Select(k => new AccessKeyRow(k.Id, k.Key, k.IsEnabled, k.CreatedAt, k.SecretCreatedAt, k.LastUsedAt))
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => _used.TryGetValue(row.Id, out var used) ? row with { LastUsedAt = used } : row)];
    }

    /// <summary>Makes a pair of keys for the actor.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: the actor has <see cref="MaxPerUser"/> already.</exception>
    public async Task<NewSecret> CreateAsync(Actor actor, CancellationToken cancellationToken)
    {
        var userId = await RequireUserAsync(actor, cancellationToken);
        var pair = new NewSecret(RandomNumberGenerator.GetString(KeyAlphabet, KeyLength), RandomNumberGenerator.GetString(SecretAlphabet, SecretLength));
        var hash = SecretHasher.Hash(pair.Secret);
        await _writes.RunAsync(
            async (db, token) =>
            {
                await AddAsync(db, actor, userId, pair.Key, hash, token);
                return true;
            },
            cancellationToken);
        _identities.Drop();
        _events.Announce(new Change(EventTypes.AccessKeyCreated, null, null, userId));
        return pair;
    }

    /// <summary>Replaces the secret of one of the actor's keys; the old one, and every login made with it, ends at once.</summary>
    public async Task<NewSecret> RegenerateAsync(Actor actor, long id, CancellationToken cancellationToken)
    {
        var secret = RandomNumberGenerator.GetString(SecretAlphabet, SecretLength);
        var hash = SecretHasher.Hash(secret);
        var key = await ChangeAsync(
            actor,
            id,
            key =>
            {
                key.SecretHash = hash;
                key.SecretCreatedAt = _clock.GetUtcNow().UtcDateTime;
                key.Version++;
            },
            cancellationToken);
        return new NewSecret(key, secret);
    }

    /// <summary>Switches one of the actor's keys on or off. Off, every login made with it ends at once; on again, it must be logged in again.</summary>
    public Task SetEnabledAsync(Actor actor, long id, bool enabled, CancellationToken cancellationToken) =>
        ChangeAsync(
            actor,
            id,
            key =>
            {
                key.IsEnabled = enabled;
                key.Version++;
            },
            cancellationToken);

    /// <summary>Deletes one of the actor's keys; every login made with it ends at once.</summary>
    public async Task DeleteAsync(Actor actor, long id, CancellationToken cancellationToken)
    {
        var userId = await RequireUserAsync(actor, cancellationToken);
        await _writes.RunAsync(
            async (db, token) =>
            {
                var key = await FindOwnAsync(db, userId, id, token);
                db.AccessKeys.Remove(key);
                _events.Add(db, actor, EventTypes.AccessKeyDeleted, details: key.Key);
                return true;
            },
            cancellationToken);
        _identities.Drop();
        _used.TryRemove(id, out _);
        _events.Announce(new Change(EventTypes.AccessKeyDeleted, null, null, userId));
    }

    /// <summary>Checks a key and its secret.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Unauthenticated"/> or <see cref="NcrError.TooManyRequests"/>.</exception>
    public async Task<AuthenticatedKey> LoginAsync(string key, string secret, string? address, CancellationToken cancellationToken)
    {
        if (key.Length > MaxKeyLength || secret.Length > MaxSecretLength)
        {
            throw Refused(); // None of ours; and nobody shall fill the memory with names to watch.
        }

        _throttle.Check(key, address);
        var found = await _identities.FindKeyAsync(key, cancellationToken);
        if (!_hasher.VerifyOften(found?.SecretHash, secret))
        {
            _throttle.Failed(key, address);
            throw Refused();
        }

        _throttle.Succeeded(key, address);
        return await FindLiveAsync(key, found!.Version, address, cancellationToken) ?? throw Refused();
    }

    /// <summary>The key behind a token, as it is now; null when it was deleted, disabled or got a new secret since, or its user may not log in.</summary>
    public async ValueTask<AuthenticatedKey?> FindLiveAsync(string key, int version, string? address, CancellationToken cancellationToken)
    {
        if (await _identities.FindKeyAsync(key, cancellationToken) is not { IsEnabled: true } found
            || found.Version != version
            || await _identities.FindUserAsync(found.UserId, cancellationToken) is not { IsDisabled: false } user)
        {
            return null;
        }

        _used[found.Id] = _clock.GetUtcNow().UtcDateTime;
        return new AuthenticatedKey(new Actor(user.Id, user.Name, address), key, version);
    }

    /// <summary>The piece of a write transaction that adds a pair of keys.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: the user has <see cref="MaxPerUser"/> already.</exception>
    internal async Task AddAsync(NcrDbContext db, Actor actor, long userId, string key, string secretHash, CancellationToken cancellationToken)
    {
        if (await db.AccessKeys.CountAsync(k => k.UserId == userId, cancellationToken) >= MaxPerUser)
        {
            throw new NcrException(NcrError.Conflict, $"A user may have {MaxPerUser} access keys. Delete one that is no longer used, or regenerate its secret.");
        }

        var now = _clock.GetUtcNow().UtcDateTime;
        db.AccessKeys.Add(new AccessKey { UserId = userId, Key = key, SecretHash = secretHash, Version = 1, IsEnabled = true, CreatedAt = now, SecretCreatedAt = now });
        _events.Add(db, actor, EventTypes.AccessKeyCreated, details: key);
    }

    /// <summary>Takes the times of use that gathered since the last call.</summary>
    internal IReadOnlyList<KeyValuePair<long, DateTime>> TakeUses()
    {
        var uses = _used.ToArray();
        foreach (var use in uses)
        {
            _used.TryRemove(use);
        }

        return uses;
    }

    private async Task<string> ChangeAsync(Actor actor, long id, Action<AccessKey> change, CancellationToken cancellationToken)
    {
        var userId = await RequireUserAsync(actor, cancellationToken);
        var name = await _writes.RunAsync(
            async (db, token) =>
            {
                var key = await FindOwnAsync(db, userId, id, token);
                change(key);
                _events.Add(db, actor, EventTypes.AccessKeyChanged, details: key.Key);
                return key.Key;
            },
            cancellationToken);
        _identities.Drop();
        _events.Announce(new Change(EventTypes.AccessKeyChanged, null, null, userId));
        return name;
    }

    private async Task<long> RequireUserAsync(Actor actor, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageOwnAccessKeys, null, cancellationToken);
        return actor.UserId ?? throw new NcrException(NcrError.Denied, "Only a user has access keys.");
    }

    private static async Task<AccessKey> FindOwnAsync(NcrDbContext db, long userId, long id, CancellationToken cancellationToken) =>
        await db.AccessKeys.AsTracking().FirstOrDefaultAsync(k => k.Id == id && k.UserId == userId, cancellationToken)
        ?? throw new NcrException(NcrError.NotFound, "This access key does not exist any more.");

    private static NcrException Refused() => new(
        NcrError.Unauthenticated,
        "The access key or its secret is wrong, or the key was deleted or disabled. Log in with a User Access Key and its Secret Key, made in the console under Access keys.");
}
