using System.Security.Cryptography;
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
    private readonly IdentityCache _identities;
    private readonly AttemptThrottle _throttle;
    private readonly EventLog _events;
    private readonly TimeProvider _clock;

    internal UserService(IDbContextFactory<NcrDbContext> dbFactory, IdentityCache identities, AttemptThrottle throttle, EventLog events, TimeProvider clock)
    {
        _dbFactory = dbFactory;
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
            throw new NcrException(NcrError.Unauthenticated, WrongNameOrPassword);
        }

        _throttle.Succeeded(name, address);
        return new SignedInUser(user.Id, user.Name, user.SecurityStamp);
    }

    /// <summary>Whether a session that was begun with this stamp is still good: the user exists, is enabled, and kept the password.</summary>
    public async ValueTask<bool> IsSessionValidAsync(long userId, string securityStamp, CancellationToken cancellationToken) =>
        await _identities.FindUserAsync(userId, cancellationToken) is { IsDisabled: false } user && user.SecurityStamp == securityStamp;

    /// <summary>What is wrong with a name and password for a new user, by field; empty when nothing is.</summary>
    public static IReadOnlyDictionary<string, string> Explain(string? name, string? password)
    {
        var faults = new Dictionary<string, string>();
        if (string.IsNullOrWhiteSpace(name))
        {
            faults["Name"] = "Enter a user name.";
        }
        else if (name.Length > MaxNameLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@'))
        {
            faults["Name"] = NameRule;
        }

        if (password is null || password.Length < MinPasswordLength)
        {
            faults["Password"] = $"Use at least {MinPasswordLength} characters.";
        }
        else if (password.Length > MaxPasswordLength)
        {
            faults["Password"] = $"Use at most {MaxPasswordLength} characters.";
        }

        return faults;
    }

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
            Role = Role.Administrator,
            SecurityStamp = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            CreatedAt = _clock.GetUtcNow().UtcDateTime,
        };
        db.Users.Add(user);
        _events.Add(db, Actor.System, EventTypes.UserCreated, details: name);
        await db.SaveChangesAsync(cancellationToken);
        return user;
    }
}
