using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;
using Ncr.Core.Registries;
using Ncr.Core.Sessions;

namespace Ncr.Core.Access;

/// <summary>The first start: making the first administrator, by a person with the one-time code or from the settings.</summary>
public sealed class SetupService
{
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly IdentityCache _identities;
    private readonly UserService _users;
    private readonly AccessKeyService _keys;
    private readonly RegistryService _registries;
    private readonly SessionService _sessions;
    private readonly AttemptThrottle _throttle;
    private bool _done;

    internal SetupService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, UserService users, AccessKeyService keys, RegistryService registries, IdentityCache identities, SessionService sessions, AttemptThrottle throttle)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _identities = identities;
        _users = users;
        _keys = keys;
        _registries = registries;
        _sessions = sessions;
        _throttle = throttle;
    }

    /// <summary>What the person who started the server, and nobody else, knows; new at every start.</summary>
    public string Code { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Whether there is no user yet.</summary>
    public async ValueTask<bool> IsNeededAsync(CancellationToken cancellationToken)
    {
        if (_done)
        {
            return false;
        }

        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        _done = await db.Users.AnyAsync(cancellationToken);
        return !_done;
    }

    public bool IsCode(string? code) =>
        code is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(code), Encoding.UTF8.GetBytes(Code));

    /// <summary>Makes the first administrator, who is signed in then.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Denied"/>: the code is wrong. <see cref="NcrError.Conflict"/>: set up already. <see cref="NcrError.Invalid"/>.</exception>
    public async Task<SignedInUser> CompleteAsync(string? code, string name, string password, Visitor visitor, CancellationToken cancellationToken)
    {
        _throttle.Check("set-up", visitor.Address);
        if (!IsCode(code))
        {
            _throttle.Failed("set-up", visitor.Address);
            throw new NcrException(NcrError.Denied, "The set-up code is wrong. Take the link that the server printed when it was last started.");
        }

        var user = await CreateAsync(new SetupOptions { User = name, Password = password }, cancellationToken);
        return await _sessions.BeginAsync(user.Id, user.Name, visitor, SessionOrigin.SetUp, cancellationToken);
    }

    /// <summary>Sets up an empty database from the settings; does nothing when there is a user already or no settings are given.</summary>
    public async Task RunUnattendedAsync(SetupOptions options, CancellationToken cancellationToken)
    {
        if (options.User is not null && options.Password is not null && await IsNeededAsync(cancellationToken))
        {
            await CreateAsync(options, cancellationToken);
        }
    }

    /// <summary>All in one transaction: a set-up that was cut short is done again.</summary>
    private async Task<User> CreateAsync(SetupOptions options, CancellationToken cancellationToken)
    {
        if (UserService.Explain(options.User, options.Password) is { Count: > 0 } faults)
        {
            throw new NcrException(NcrError.Invalid, string.Join(" ", faults.Values));
        }

        var passwordHash = SecretHasher.Hash(options.Password!);
        var secretHash = options.SecretKey is { } secret ? SecretHasher.Hash(secret) : null;
        var user = await _writes.RunAsync(
            async (db, token) =>
            {
                var first = await _users.AddFirstAsync(db, options.User!, passwordHash, token);
                var actor = new Actor(first.Id, first.Name);
                if (options.AccessKey is { } key && secretHash is not null)
                {
                    await _keys.AddAsync(db, actor, first.Id, key, secretHash, AccessKeySettings.None, token);
                }

                foreach (var name in options.RegistryNames.Distinct())
                {
                    await _registries.AddAsync(db, actor, name, RegistrySettings.None, token);
                }

                return first;
            },
            cancellationToken);
        _identities.Drop();
        _done = true;
        return user;
    }
}
