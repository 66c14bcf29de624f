using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Ncr.Core.Access;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;

namespace Ncr.Core.Sessions;

/// <summary>The sessions of the console: beginning them, looking whether they are good, showing and ending them.</summary>
public sealed partial class SessionService
{
    /// <summary>How long after its last use a session ends.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromHours(12);

    /// <summary>More than a person has; a script that signs in again and again loses its oldest.</summary>
    public const int MaxPerUser = 200;

    private const int MaxUserAgent = 256;
    private const int MaxUnwritten = 1_000;

    /// <summary>The time of the last use is written no more often than this.</summary>
    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<long, Use> _uses = new();

    /// <summary>By hash of their tokens: begun while the disk was full, until they can be written.</summary>
    private readonly ConcurrentDictionary<string, Session> _unwritten = new();

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly IdentityCache _identities;
    private readonly EventLog _events;
    private readonly StorageFailureLog _failures;
    private readonly TimeProvider _clock;
    private readonly ILogger<SessionService> _logger;

    internal SessionService(
        IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, AccessService access, IdentityCache identities, EventLog events, StorageFailureLog failures, TimeProvider clock, ILogger<SessionService> logger)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _access = access;
        _identities = identities;
        _events = events;
        _failures = failures;
        _clock = clock;
        _logger = logger;
    }

    private DateTime Now => _clock.GetUtcNow().UtcDateTime;

    /// <summary>Whether a session goes on: it was not ended, its time is not over, and its user may sign in. Being asked counts as use.</summary>
    /// <param name="userId">Whose it says it is.</param>
    /// <param name="token">What the cookie carries.</param>
    /// <param name="address">Where it is used from now; null where that is not known.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    public async ValueTask<bool> IsValidAsync(long userId, string token, string? address, CancellationToken cancellationToken)
    {
        var hash = UserAdministration.HashOf(token);
        if (await _identities.FindUserAsync(userId, cancellationToken) is not { IsDisabled: false })
        {
            return false;
        }

        if (_unwritten.TryGetValue(hash, out var unwritten))
        {
            return unwritten.UserId == userId && Now - unwritten.LastSeenAt < IdleTime;
        }

        if (await _identities.FindSessionAsync(hash, cancellationToken) is not { } session || session.UserId != userId)
        {
            return false;
        }

        var last = _uses.TryGetValue(session.Id, out var use) && use.At > session.LastSeenAt ? use : new Use(session.LastSeenAt, session.Address);
        if (Now - last.At >= IdleTime)
        {
            return false;
        }

        if (Now - last.At >= Precision || (address is not null && address != last.Address))
        {
            _uses[session.Id] = new Use(Now, address ?? last.Address);
        }

        return true;
    }

    /// <summary>One's own, the last used first.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="token">Of the session that asks.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    public async Task<IReadOnlyList<SessionRow>> ListOwnAsync(Actor actor, string? token, CancellationToken cancellationToken) =>
        await ListAsync(await RequireUserAsync(actor, cancellationToken), token, cancellationToken);

    /// <summary>Another's, for those who manage users.</summary>
    public async Task<IReadOnlyList<SessionRow>> ListOfAsync(Actor actor, long userId, string? token, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageUsers, null, cancellationToken);
        return await ListAsync(userId, token, cancellationToken);
    }

    /// <summary>Ends a session, one's own or, for those who manage users, anybody's.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.NotFound"/>: it has ended, or is none of the actor's business.</exception>
    public async Task EndAsync(Actor actor, long id, CancellationToken cancellationToken)
    {
        await RequireUserAsync(actor, cancellationToken);
        var mayAll = await _access.IsAllowedAsync(actor, Permission.ManageUsers, null, cancellationToken);
        var owner = await _writes.RunAsync(
            async (db, token) =>
            {
                var found = await db.Sessions.Where(s => s.Id == id).Select(s => new { s.UserId, s.User!.Name }).FirstOrDefaultAsync(token);
                if (found is null || (found.UserId != actor.UserId && !mayAll))
                {
                    throw new NcrException(NcrError.NotFound, "This session has ended already.");
                }

                await db.Sessions.Where(s => s.Id == id).ExecuteDeleteAsync(token);
                _events.Add(db, actor, EventTypes.SessionsEnded, details: $"{found.Name}: one session");
                return found.UserId;
            },
            cancellationToken);
        Ended(owner);
    }

    /// <summary>Ends one's sessions but the one that asks.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> EndOthersAsync(Actor actor, string token, CancellationToken cancellationToken)
    {
        var userId = await RequireUserAsync(actor, cancellationToken);
        var count = await _writes.RunAsync(
            async (db, cancel) =>
            {
                var ended = await EndAllAsync(db, userId, token, cancel);
                _events.Add(db, actor, EventTypes.SessionsEnded, details: $"{actor.Name}: all others");
                return ended;
            },
            cancellationToken);
        Ended(userId, token);
        return count;
    }

    /// <summary>Ends all sessions of a user, for those who manage users.</summary>
    public async Task EndAllOfAsync(Actor actor, long userId, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageUsers, null, cancellationToken);
        await _writes.RunAsync(
            async (db, token) =>
            {
                var name = await db.Users.Where(u => u.Id == userId).Select(u => u.Name).FirstOrDefaultAsync(token)
                    ?? throw new NcrException(NcrError.NotFound, "This user does not exist any more.");
                await EndAllAsync(db, userId, null, token);
                _events.Add(db, actor, EventTypes.SessionsEnded, details: $"{name}: all");
                return true;
            },
            cancellationToken);
        Ended(userId);
    }

    /// <summary>Ends the session that asks. Open pages of it that are not the one signing out end at their next look, within seconds.</summary>
    public async Task SignOutAsync(Actor actor, string token, CancellationToken cancellationToken)
    {
        var hash = UserAdministration.HashOf(token);
        _unwritten.TryRemove(hash, out _);
        await _writes.RunAsync(
            async (db, cancel) =>
            {
                if (await db.Sessions.Where(s => s.TokenHash == hash).ExecuteDeleteAsync(cancel) > 0)
                {
                    _events.Add(db, actor, EventTypes.SessionsEnded, details: $"{actor.Name}: signed out");
                }

                return true;
            },
            cancellationToken);
        _identities.Drop();

        // Not as an end of sessions: the page that signs out is on its way to the sign-in page, and must not be sent there twice.
        _events.Announce(new Change(null, null, null, actor.UserId));
    }

    /// <summary>Begins a session of somebody who proved to be that user.</summary>
    /// <remarks>A full disk does not keep anybody out: who would make room otherwise? Such a session is kept in memory, and its record may be missing.</remarks>
    /// <exception cref="NcrException"><see cref="NcrError.Unauthenticated"/>: the user was disabled or deleted meanwhile.</exception>
    internal async Task<SignedInUser> BeginAsync(long userId, string name, Visitor visitor, SessionOrigin origin, CancellationToken cancellationToken)
    {
        var token = NewToken();
        try
        {
            await _writes.RunAsync(
                async (db, cancel) =>
                {
                    await AddAsync(db, userId, name, token, visitor, origin, cancel);
                    return true;
                },
                cancellationToken);
        }
        catch (Exception exception) when (exception is NcrException { Error: NcrError.Unavailable } || _failures.Report(exception) is not null)
        {
            if (_unwritten.Count < MaxUnwritten)
            {
                var session = NewSession(userId, token, visitor, origin);
                _unwritten[session.TokenHash] = session;
            }
        }

        return Began(userId, name, token);
    }

    /// <summary>The piece of a write transaction that begins a session. Call <see cref="Began"/> after the commit.</summary>
    internal async Task AddAsync(NcrDbContext db, long userId, string name, string token, Visitor visitor, SessionOrigin origin, CancellationToken cancellationToken)
    {
        var now = Now;
        if (await db.Users.Where(u => u.Id == userId && !u.IsDisabled).ExecuteUpdateAsync(u => u.SetProperty(x => x.LastSignInAt, now), cancellationToken) == 0)
        {
            throw new NcrException(NcrError.Unauthenticated, "This account can't sign in any more.");
        }

        await db.Sessions.Where(s => s.UserId == userId).OrderByDescending(s => s.LastSeenAt).Skip(MaxPerUser - 1).ExecuteDeleteAsync(cancellationToken);
        db.Sessions.Add(NewSession(userId, token, visitor, origin));
        _events.Add(db, new Actor(userId, name, visitor.Address), EventTypes.SignedIn, details: Describe(origin));
    }

    internal SignedInUser Began(long userId, string name, string token)
    {
        _events.Announce(new Change(EventTypes.SignedIn, null, null, userId));
        return new SignedInUser(userId, name, token);
    }

    /// <summary>The piece of a write transaction that ends a user's sessions but one, if any. Call <see cref="Ended"/> after the commit.</summary>
    internal static Task<int> EndAllAsync(NcrDbContext db, long userId, string? exceptToken, CancellationToken cancellationToken)
    {
        var kept = exceptToken is null ? "" : UserAdministration.HashOf(exceptToken);
        return db.Sessions.Where(s => s.UserId == userId && s.TokenHash != kept).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Forgets what was remembered of a user's sessions; open pages look at once whether theirs goes on.</summary>
    internal void Ended(long userId, string? exceptToken = null)
    {
        var kept = exceptToken is null ? "" : UserAdministration.HashOf(exceptToken);
        foreach (var (hash, session) in _unwritten)
        {
            if (session.UserId == userId && hash != kept)
            {
                _unwritten.TryRemove(hash, out _);
            }
        }

        _identities.Drop();
        _events.Announce(new Change(EventTypes.SessionsEnded, null, null, userId));
    }

    internal static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Writes what is only in memory, and clears sessions whose time is over.</summary>
    internal async Task FlushAsync()
    {
        var uses = _uses.ToArray();
        var unwritten = _unwritten.ToArray();
        var over = Now - IdleTime;
        try
        {
            await _writes.RunAsync(
                async (db, token) =>
                {
                    foreach (var (id, use) in uses)
                    {
                        await db.Sessions.Where(s => s.Id == id).ExecuteUpdateAsync(s => s.SetProperty(x => x.LastSeenAt, use.At).SetProperty(x => x.Address, use.Address), token);
                    }

                    foreach (var (_, session) in unwritten)
                    {
                        if (await db.Users.AnyAsync(u => u.Id == session.UserId && !u.IsDisabled, token))
                        {
                            // A copy: after a failed commit the row would keep an id that it never got.
                            db.Sessions.Add(new Session
                            {
                                TokenHash = session.TokenHash,
                                UserId = session.UserId,
                                Origin = session.Origin,
                                CreatedAt = session.CreatedAt,
                                LastSeenAt = session.LastSeenAt,
                                Address = session.Address,
                                UserAgent = session.UserAgent,
                            });
                        }
                    }

                    await db.Sessions.Where(s => s.LastSeenAt < over).ExecuteDeleteAsync(token);
                    return true;
                },
                CancellationToken.None);
        }
        catch (Exception exception) // They stay in memory; the next round tries again.
        {
            if (_failures.Report(exception) is null)
            {
                LogFailed(_logger, exception);
            }

            return;
        }

        foreach (var use in uses)
        {
            _uses.TryRemove(use);
        }

        foreach (var session in unwritten)
        {
            _unwritten.TryRemove(session);
        }

        if (uses.Length + unwritten.Length > 0)
        {
            _identities.Drop(); // Else one that was used just now could look too old for some seconds.
        }
    }

    private static string Describe(SessionOrigin origin) => origin switch
    {
        SessionOrigin.Link => "by a one-time link",
        SessionOrigin.SetUp => "by the set-up link",
        SessionOrigin.OpenIdConnect => "by OpenID Connect",
        _ => "by password",
    };

    private Session NewSession(long userId, string token, Visitor visitor, SessionOrigin origin) => new()
    {
        TokenHash = UserAdministration.HashOf(token),
        UserId = userId,
        Origin = origin,
        CreatedAt = Now,
        LastSeenAt = Now,
        Address = visitor.Address,
        UserAgent = visitor.UserAgent is { Length: > MaxUserAgent } tooLong ? tooLong[..MaxUserAgent] : visitor.UserAgent,
    };

    private async Task<IReadOnlyList<SessionRow>> ListAsync(long userId, string? token, CancellationToken cancellationToken)
    {
        var current = token is null ? "" : UserAdministration.HashOf(token);
        var over = Now - IdleTime;
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var sessions = await db.Sessions.Where(s => s.UserId == userId).OrderByDescending(s => s.LastSeenAt).Take(MaxPerUser).ToListAsync(cancellationToken);
        return [.. sessions
            .Select(s => (Session: s, Use: _uses.TryGetValue(s.Id, out var use) ? use : new Use(s.LastSeenAt, s.Address)))
            .Where(s => s.Use.At > over)
            .Select(s => new SessionRow(s.Session.Id, s.Session.Origin, s.Session.CreatedAt, s.Use.At, s.Use.Address, s.Session.UserAgent, s.Session.TokenHash == current))
            .OrderByDescending(s => s.IsCurrent).ThenByDescending(s => s.LastSeenAt).ThenByDescending(s => s.Id)];
    }

    private async ValueTask<long> RequireUserAsync(Actor actor, CancellationToken cancellationToken) =>
        actor.UserId is { } userId && await _identities.FindUserAsync(userId, cancellationToken) is { IsDisabled: false }
            ? userId
            : throw new NcrException(NcrError.Denied, "This account can't sign in any more.");

    [LoggerMessage(LogLevel.Warning, "When sessions were last used could not be written; it stays in memory")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private sealed record Use(DateTime At, string? Address);
}
