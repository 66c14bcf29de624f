using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Sessions;

namespace Ncr.Core.Access;

/// <summary>The people of the console: making them and signing them in.</summary>
public sealed class UserService
{
    public const int MinPasswordLength = 8;
    public const int MaxPasswordLength = 256;
    public const int MaxNameLength = 64;
    public const string NameRule = "Letters, digits, '.', '_', '-' and '@'; at most 64 characters.";

    private const string WrongNameOrPassword = "The user name or the password is wrong.";

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly SignInLog _signIns;
    private readonly SessionService _sessions;
    private readonly AttemptThrottle _throttle;
    private readonly EventLog _events;
    private readonly TimeProvider _clock;

    internal UserService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, SignInLog signIns, SessionService sessions, AttemptThrottle throttle, EventLog events, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _signIns = signIns;
        _sessions = sessions;
        _throttle = throttle;
        _events = events;
        _clock = clock;
    }

    /// <summary>Checks a name and password.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Unauthenticated"/> or <see cref="NcrError.TooManyRequests"/>.</exception>
    public async Task<SignedInUser> SignInAsync(string name, string password, Visitor visitor, CancellationToken cancellationToken)
    {
        if (name.Length > MaxNameLength || password.Length > MaxPasswordLength)
        {
            throw new NcrException(NcrError.Unauthenticated, WrongNameOrPassword);
        }

        _throttle.Check(name, visitor.Address);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Name == name, cancellationToken);
        if (!SecretHasher.Verify(user?.PasswordHash, password) || user!.IsDisabled)
        {
            _throttle.Failed(name, visitor.Address);
            await _signIns.RefusedAsync(name, visitor.Address, cancellationToken);
            throw new NcrException(NcrError.Unauthenticated, WrongNameOrPassword);
        }

        _throttle.Succeeded(name, visitor.Address);
        return await _sessions.BeginAsync(user.Id, user.Name, visitor, SessionOrigin.Password, cancellationToken);
    }

    /// <summary>Whether somebody signs in at the OpenID Connect provider, and so has no password to change.</summary>
    public async Task<bool> IsExternalAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        return await db.Users.AnyAsync(u => u.Id == actor.UserId && u.ExternalId != null, cancellationToken);
    }

    /// <summary>Whether somebody may choose a password by this link.</summary>
    public async Task<bool> IsLinkGoodAsync(string name, string? code, CancellationToken cancellationToken)
    {
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        return Matches(await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Name == name, cancellationToken), code);
    }

    /// <summary>Sets the password by a one-time link, which that uses up, and signs in. Sessions that were open end.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Denied"/>: the link is not good, or no more. <see cref="NcrError.Invalid"/>: the password breaks the rules.
    /// <see cref="NcrError.TooManyRequests"/>.</exception>
    public async Task<SignedInUser> ChooseByLinkAsync(string name, string? code, string password, Visitor visitor, CancellationToken cancellationToken)
    {
        _throttle.Check(name, visitor.Address);
        if (ExplainPassword(password) is { } fault)
        {
            throw new NcrException(NcrError.Invalid, fault);
        }

        var (hash, session) = (SecretHasher.Hash(password), SessionService.NewToken());
        var changed = await _writes.RunAsync(
            async (db, token) =>
            {
                var user = await db.Users.AsTracking().FirstOrDefaultAsync(u => u.Name == name, token);
                if (!Matches(user, code))
                {
                    return null;
                }

                (user!.LinkHash, user.LinkExpiresAt) = (null, null);
                await SetPasswordAsync(db, user, hash, null, new Actor(user.Id, user.Name, visitor.Address), "by a one-time link", token);
                await _sessions.AddAsync(db, user.Id, user.Name, session, visitor, SessionOrigin.Link, token);
                return user;
            },
            cancellationToken);
        if (changed is null)
        {
            _throttle.Failed(name, visitor.Address);
            throw new NcrException(NcrError.Denied, "This link is not good, or not any more: it works once, for three days. Ask an administrator for another.");
        }

        _sessions.Ended(changed.Id, session);
        return _sessions.Began(changed.Id, changed.Name, session);
    }

    /// <summary>Changes one's own password. One's sessions end but the one that asks.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Denied"/>: the old one is wrong. <see cref="NcrError.Invalid"/>. <see cref="NcrError.TooManyRequests"/>.</exception>
    public async Task ChangePasswordAsync(Actor actor, string token, string oldPassword, string newPassword, CancellationToken cancellationToken)
    {
        if (ExplainPassword(newPassword) is { } fault)
        {
            throw new NcrException(NcrError.Invalid, fault);
        }

        _throttle.Check(actor.Name, actor.Address);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var current = await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == actor.UserId, cancellationToken);
        if (oldPassword.Length > MaxPasswordLength || !SecretHasher.Verify(current?.PasswordHash, oldPassword) || current!.IsDisabled)
        {
            _throttle.Failed(actor.Name, actor.Address);
            throw new NcrException(NcrError.Denied, "The present password is wrong.");
        }

        var hash = SecretHasher.Hash(newPassword);
        await _writes.RunAsync(
            async (write, cancel) =>
            {
                await SetPasswordAsync(write, await write.Users.AsTracking().FirstAsync(u => u.Id == current.Id, cancel), hash, token, actor, null, cancel);
                return true;
            },
            cancellationToken);
        _sessions.Ended(current.Id, token);
    }

    private async Task SetPasswordAsync(NcrDbContext db, User user, string hash, string? keptSession, Actor actor, string? how, CancellationToken cancellationToken)
    {
        user.PasswordHash = hash;
        await SessionService.EndAllAsync(db, user.Id, keptSession, cancellationToken);
        _events.Add(db, actor, EventTypes.PasswordReset, details: how is null ? user.Name : $"{user.Name}, {how}");
    }

    private bool Matches(User? user, string? code) =>
        code is not null && user is { IsDisabled: false, LinkHash: { } hash, LinkExpiresAt: { } end } && end > _clock.GetUtcNow().UtcDateTime
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(UserAdministration.HashOf(code)));

    /// <summary>What is wrong with a name and password for a new user, by field; empty when nothing is.</summary>
    public static IReadOnlyDictionary<string, string> Explain(string? name, string? password)
    {
        var faults = new Dictionary<string, string>();
        if (ExplainName(name) is { } wrong)
        {
            faults["Name"] = wrong;
        }

        if (ExplainPassword(password) is { } fault)
        {
            faults["Password"] = fault;
        }

        return faults;
    }

    /// <summary>What is wrong with a name for a new user; null when nothing is.</summary>
    public static string? ExplainName(string? name) =>
        string.IsNullOrWhiteSpace(name) ? "Enter a user name."
        : name.Length > MaxNameLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@') ? NameRule
        : null;

    /// <summary>What is wrong with a new password; null when nothing is.</summary>
    public static string? ExplainPassword(string? password) =>
        password is null || password.Length < MinPasswordLength ? $"Use at least {MinPasswordLength} characters."
        : password.Length > MaxPasswordLength ? $"Use at most {MaxPasswordLength} characters."
        : null;

    /// <summary>The piece of a write transaction that makes the first administrator.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: there is a user already.</exception>
    internal async Task<User> AddFirstAsync(NcrDbContext db, string name, string passwordHash, CancellationToken cancellationToken)
    {
        if (await db.Users.AnyAsync(cancellationToken))
        {
            throw new NcrException(NcrError.Conflict, "This server is set up already. Sign in instead.");
        }

        var user = new User
        {
            Name = name,
            PasswordHash = passwordHash,
            Role = Role.ProjectAdmin,
            CreatedAt = _clock.GetUtcNow().UtcDateTime,
        };
        db.Users.Add(user);
        _events.Add(db, Actor.System, EventTypes.UserCreated, details: name);
        await db.SaveChangesAsync(cancellationToken);
        return user;
    }
}
