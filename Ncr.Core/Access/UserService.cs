using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;

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
    private readonly IdentityCache _identities;
    private readonly AttemptThrottle _throttle;
    private readonly EventLog _events;
    private readonly TimeProvider _clock;

    internal UserService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, SignInLog signIns, IdentityCache identities, AttemptThrottle throttle, EventLog events, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _signIns = signIns;
        _identities = identities;
        _throttle = throttle;
        _events = events;
        _clock = clock;
    }

    /// <summary>Checks a name and password.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Unauthenticated"/> or <see cref="NcrError.TooManyRequests"/>.</exception>
    public async Task<SignedInUser> SignInAsync(string name, string password, string? address, CancellationToken cancellationToken)
    {
        if (name.Length > MaxNameLength || password.Length > MaxPasswordLength)
        {
            throw new NcrException(NcrError.Unauthenticated, WrongNameOrPassword);
        }

        _throttle.Check(name, address);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Name == name, cancellationToken);
        if (!SecretHasher.Verify(user?.PasswordHash, password) || user!.IsDisabled)
        {
            _throttle.Failed(name, address);
            await _signIns.RefusedAsync(name, address, cancellationToken);
            throw new NcrException(NcrError.Unauthenticated, WrongNameOrPassword);
        }

        _throttle.Succeeded(name, address);
        await _signIns.SignedInAsync(user, address, cancellationToken);
        return new SignedInUser(user.Id, user.Name, user.SecurityStamp);
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
    public async Task<SignedInUser> ChooseByLinkAsync(string name, string? code, string password, string? address, CancellationToken cancellationToken)
    {
        _throttle.Check(name, address);
        if (ExplainPassword(password) is { } fault)
        {
            throw new NcrException(NcrError.Invalid, fault);
        }

        var hash = SecretHasher.Hash(password);
        var changed = await _writes.RunAsync(
            async (db, token) =>
            {
                var user = await db.Users.AsTracking().FirstOrDefaultAsync(u => u.Name == name, token);
                if (!Matches(user, code))
                {
                    return null;
                }

                (user!.LinkHash, user.LinkExpiresAt, user.LastSignInAt) = (null, null, _clock.GetUtcNow().UtcDateTime);
                SetPassword(db, user, hash, new Actor(user.Id, user.Name, address), "by a one-time link");
                return user;
            },
            cancellationToken);
        if (changed is null)
        {
            _throttle.Failed(name, address);
            throw new NcrException(NcrError.Denied, "This link is not good, or not any more: it works once, for three days. Ask an administrator for another.");
        }

        return Announced(changed);
    }

    /// <summary>Changes one's own password. One's other sessions end; the one that asks goes on with what comes back.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Denied"/>: the old one is wrong. <see cref="NcrError.Invalid"/>. <see cref="NcrError.TooManyRequests"/>.</exception>
    public async Task<SignedInUser> ChangePasswordAsync(Actor actor, string oldPassword, string newPassword, CancellationToken cancellationToken)
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
        var changed = await _writes.RunAsync(
            async (write, token) =>
            {
                var user = await write.Users.AsTracking().FirstAsync(u => u.Id == actor.UserId, token);
                SetPassword(write, user, hash, actor, null);
                return user;
            },
            cancellationToken);
        return Announced(changed);
    }

    /// <summary>Ends one's sessions but the one that asks, which goes on with what comes back.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Denied"/>: one may not sign in any more.</exception>
    public async Task<SignedInUser> EndOtherSessionsAsync(Actor actor, CancellationToken cancellationToken)
    {
        var changed = await _writes.RunAsync(
            async (db, token) =>
            {
                var user = await db.Users.AsTracking().FirstOrDefaultAsync(u => u.Id == actor.UserId && !u.IsDisabled, token)
                    ?? throw new NcrException(NcrError.Denied, "This account can't sign in any more.");
                user.SecurityStamp = UserAdministration.NewStamp();
                _events.Add(db, actor, EventTypes.SessionsEnded, details: user.Name);
                return user;
            },
            cancellationToken);
        return Announced(changed);
    }

    /// <summary>Open pages of the sessions that this ended look at once whether they may go on.</summary>
    private SignedInUser Announced(User changed)
    {
        _identities.Drop();
        _events.Announce(new Change(EventTypes.SessionsEnded, null, null, changed.Id));
        return new SignedInUser(changed.Id, changed.Name, changed.SecurityStamp);
    }

    private void SetPassword(NcrDbContext db, User user, string hash, Actor actor, string? how)
    {
        user.PasswordHash = hash;
        user.SecurityStamp = UserAdministration.NewStamp();
        _events.Add(db, actor, EventTypes.PasswordReset, details: how is null ? user.Name : $"{user.Name}, {how}");
    }

    private bool Matches(User? user, string? code) =>
        code is not null && user is { IsDisabled: false, LinkHash: { } hash, LinkExpiresAt: { } end } && end > _clock.GetUtcNow().UtcDateTime
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(UserAdministration.HashOf(code)));

    /// <summary>Whether a session that was begun with this stamp is still good: the user exists, is enabled, and kept the password.</summary>
    public async ValueTask<bool> IsSessionValidAsync(long userId, string securityStamp, CancellationToken cancellationToken) =>
        await _identities.FindUserAsync(userId, cancellationToken) is { IsDisabled: false } user && user.SecurityStamp == securityStamp;

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
            SecurityStamp = UserAdministration.NewStamp(),
            CreatedAt = _clock.GetUtcNow().UtcDateTime,
        };
        db.Users.Add(user);
        _events.Add(db, Actor.System, EventTypes.UserCreated, details: name);
        await db.SaveChangesAsync(cancellationToken);
        return user;
    }
}
