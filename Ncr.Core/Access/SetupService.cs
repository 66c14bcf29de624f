using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;
using Ncr.Core.Registries;

namespace Ncr.Core.Access;

/// <summary>The first start: making the first administrator, by a person with the one-time code or from the settings.</summary>
public sealed class SetupService
{
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly UserService _users;
    private readonly AccessKeyService _keys;
    private readonly RegistryService _registries;
    private readonly AttemptThrottle _throttle;
    private bool _done;

    internal SetupService(IDbContextFactory<NcrDbContext> dbFactory, UserService users, AccessKeyService keys, RegistryService registries, AttemptThrottle throttle)
    {
        _dbFactory = dbFactory;
        _users = users;
        _keys = keys;
        _registries = registries;
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

    /// <summary>Makes the first administrator.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Denied"/>: the code is wrong. <see cref="NcrError.Conflict"/>: set up already. <see cref="NcrError.Invalid"/>.</exception>
    public async Task<SignedInUser> CompleteAsync(string? code, string name, string password, string? address, CancellationToken cancellationToken)
    {
        _throttle.Check("set-up", address);
        if (!IsCode(code))
        {
            _throttle.Failed("set-up", address);
            throw new NcrException(NcrError.Denied, "The set-up code is wrong. Take the link that the server printed when it was last started.");
        }

        var user = await _users.CreateFirstAsync(name, password, cancellationToken);
        _done = true;
        return user;
    }

    /// <summary>Sets up an empty database from the settings; does nothing when there is a user already or no settings are given.</summary>
    public async Task RunUnattendedAsync(SetupOptions options, CancellationToken cancellationToken)
    {
        if (options.User is null || options.Password is null || !await IsNeededAsync(cancellationToken))
        {
            return;
        }

        // The user comes last of what could fail on its own, but the key needs it; the options were checked at the start.
        var user = await _users.CreateFirstAsync(options.User, options.Password, cancellationToken);
        _done = true;
        var actor = new Actor(user.Id, user.Name);
        if (options.AccessKey is not null && options.SecretKey is not null)
        {
            await _keys.AddAsync(actor, user.Id, new NewSecret(options.AccessKey, options.SecretKey), cancellationToken);
        }

        foreach (var name in options.RegistryNames)
        {
            if (await _registries.FindAsync(actor, name, cancellationToken) is null)
            {
                await _registries.CreateAsync(actor, name, cancellationToken);
            }
        }
    }
}
