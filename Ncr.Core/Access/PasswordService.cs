using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Sessions;

namespace Ncr.Core.Access;

/// <summary>Gives a user a new password without the old one, for whoever may run the program on the data folder.</summary>
/// <remarks>
/// It may run beside the server: one short transaction, which the server's writer waits for as it does for the disk. The server's memory of users is
/// seconds old at most, so sessions end within seconds there too.
/// </remarks>
public sealed class PasswordService
{
    private const int ShownNames = 20;
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly EventLog _events;

    internal PasswordService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, EventLog events)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _events = events;
    }

    /// <summary>The user's name as it is written in the database.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.NotFound"/>, with the names there are.</exception>
    public async Task<string> GetNameAsync(string user, CancellationToken cancellationToken)
    {
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        if (await db.Users.Where(u => u.Name == user).Select(u => u.Name).FirstOrDefaultAsync(cancellationToken) is { } name)
        {
            return name;
        }

        var names = await db.Users.OrderBy(u => u.Name).Select(u => u.Name).Take(ShownNames).ToListAsync(cancellationToken);
        throw new NcrException(NcrError.NotFound, names.Count == 0
            ? "There are no users yet. Open the link that the server prints at its start to make the first."
            : $"There is no user '{user}'. There are: {string.Join(", ", names)}.");
    }

    /// <summary>Sets the password and ends the user's sessions of the console. Access keys stay as they are.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Invalid"/>: the password breaks the rules. <see cref="NcrError.NotFound"/>. <see cref="NcrError.Denied"/>: only the program itself may.</exception>
    public async Task ResetAsync(Actor actor, string user, string password, CancellationToken cancellationToken)
    {
        if (!actor.IsSystem)
        {
            throw new NcrException(NcrError.Denied, "Passwords are reset on the server's machine, with the command reset-password.");
        }

        if (UserService.Explain(user, password).TryGetValue("Password", out var fault))
        {
            throw new NcrException(NcrError.Invalid, $"This password can't be taken. {fault}");
        }

        var hash = SecretHasher.Hash(password);
        await _writes.RunAsync(
            async (db, token) =>
            {
                var row = await db.Users.AsTracking().FirstOrDefaultAsync(u => u.Name == user, token)
                    ?? throw new NcrException(NcrError.NotFound, $"There is no user '{user}'.");
                if (row.IsService)
                {
                    throw new NcrException(NcrError.Invalid, $"'{row.Name}' is a service account: it has access keys, no password.");
                }

                if (row.ExternalId is not null)
                {
                    throw new NcrException(NcrError.Invalid, $"'{row.Name}' signs in at the OpenID Connect provider: it has no password here.");
                }

                row.PasswordHash = hash;
                await SessionService.EndAllAsync(db, row.Id, null, token);
                _events.Add(db, actor, EventTypes.PasswordReset, details: row.Name);
                return row.Id;
            },
            cancellationToken);
    }
}
