using System.Linq.Expressions;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Hosting;
using Ncr.Core.Paging;
using Ncr.Core.Sessions;

namespace Ncr.Core.Access;

/// <summary>Users and service accounts as those see them who manage them.</summary>
public sealed class UserAdministration
{
    /// <summary>How long a one-time link is good for.</summary>
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromDays(3);

    private static readonly SortColumn<User>[] Columns =
    [
        new SortColumn<User, string>(u => u.Name) { Name = nameof(UserRow.Name) },
        new SortColumn<User, DateTime>(u => u.CreatedAt) { Name = nameof(UserRow.CreatedAt) },
    ];

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly IdentityCache _identities;
    private readonly EventLog _events;
    private readonly OidcOptions _oidc;
    private readonly TimeProvider _clock;

    internal UserAdministration(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, AccessService access, IdentityCache identities, EventLog events, NcrOptions options, TimeProvider clock)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _access = access;
        _identities = identities;
        _events = events;
        _oidc = options.Oidc;
        _clock = clock;
    }

    /// <summary>A page of the users and service accounts. Sort by Name (the list's own order) or CreatedAt.</summary>
    public async Task<PageOf<UserRow>> ListAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        await RequireAsync(actor, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        IQueryable<User> query = db.Users;
        if (!string.IsNullOrWhiteSpace(page.Search))
        {
            var pattern = LikePattern.Contains(page.Search);
            query = query.Where(u => EF.Functions.Like(u.Name, pattern, LikePattern.Escape));
        }

        var found = await Keyset.FindAsync(query, page, u => u.Id, Columns, descendingFirst: false, total: null, cancellationToken);
        var rows = await db.Users.Where(u => found.Items.Contains(u.Id)).Select(RowOf(db)).ToDictionaryAsync(u => u.Id, cancellationToken);
        return found.With([.. found.Items.Where(rows.ContainsKey).Select(id => rows[id])]);
    }

    /// <summary>A user by name; null when there is none.</summary>
    public async Task<UserRow?> FindAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        await RequireAsync(actor, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        return await db.Users.Where(u => u.Name == name).Select(RowOf(db)).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Makes a person, who chooses the password by the link that comes back.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Invalid"/>, <see cref="NcrError.Conflict"/>.</exception>
    public async Task<OneTimeLink> CreateAsync(Actor actor, string name, Role role, CancellationToken cancellationToken)
    {
        var (link, hash) = NewLink(name);
        await AddAsync(actor, name, role, isService: false, hash, link.ExpiresAt, cancellationToken);
        return link;
    }

    /// <summary>Makes a service account: it can't sign in to the console and has access keys only, which are made for it.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Invalid"/>, <see cref="NcrError.Conflict"/>.</exception>
    public Task CreateServiceAsync(Actor actor, string name, Role role, CancellationToken cancellationToken) =>
        AddAsync(actor, name, role, isService: true, null, null, cancellationToken);

    /// <summary>Gives another role for the whole service. It counts at once: in open pages, in tokens given out and in uploads that run.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: it is the last project admin, or groups at the provider decide. <see cref="NcrError.NotFound"/>.</exception>
    public Task SetRoleAsync(Actor actor, long userId, Role role, CancellationToken cancellationToken) =>
        ChangeAsync(
            actor,
            userId,
            async (db, user, token) =>
            {
                CheckRole(role, user.IsService);
                if (user.Role == role)
                {
                    return null;
                }

                if (_oidc.SetsRoles && user.ExternalId is not null)
                {
                    throw new NcrException(NcrError.Conflict, $"The role of '{user.Name}' comes from groups at the OpenID Connect provider (Ncr:Oidc:Roles), at each sign-in. Change the groups there.");
                }

                await KeepAnAdminAsync(db, user, role == Role.ProjectAdmin, token);
                var before = user.Role;
                user.Role = role;
                return $"{user.Name}: role {before} → {role}";
            },
            cancellationToken);

    /// <summary>Switches an account on or off. Off, its sessions, its keys and what they had been given end at once.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: it is the last project admin. <see cref="NcrError.NotFound"/>.</exception>
    public Task SetDisabledAsync(Actor actor, long userId, bool isDisabled, CancellationToken cancellationToken) =>
        ChangeAsync(
            actor,
            userId,
            async (db, user, token) =>
            {
                if (user.IsDisabled == isDisabled)
                {
                    return null;
                }

                await KeepAnAdminAsync(db, user, !isDisabled, token);
                user.IsDisabled = isDisabled;
                await SessionService.EndAllAsync(db, user.Id, null, token); // Enabled again, one signs in again.
                return $"{user.Name}: {(isDisabled ? "disabled" : "enabled")}";
            },
            cancellationToken);

    /// <summary>Makes a link by which a person chooses a new password. The old one stays good until then; an earlier link does not.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: a service account has no password. <see cref="NcrError.NotFound"/>.</exception>
    public async Task<OneTimeLink> CreateLinkAsync(Actor actor, long userId, CancellationToken cancellationToken)
    {
        OneTimeLink? made = null;
        await ChangeAsync(
            actor,
            userId,
            (_, user, _) =>
            {
                if (user.IsService)
                {
                    throw new NcrException(NcrError.Conflict, "A service account has no password: make an access key for it.");
                }

                if (user.ExternalId is not null)
                {
                    throw new NcrException(NcrError.Conflict, $"'{user.Name}' signs in at the OpenID Connect provider and has no password here.");
                }

                (made, user.LinkHash) = NewLink(user.Name);
                user.LinkExpiresAt = made.ExpiresAt;
                return Task.FromResult<string?>($"{user.Name}: link to choose a password");
            },
            cancellationToken);
        return made!;
    }

    /// <summary>Deletes an account with its keys and its roles in registries. What it did stays in the audit, by its name.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: it is the last project admin. <see cref="NcrError.NotFound"/>.</exception>
    public async Task DeleteAsync(Actor actor, long userId, CancellationToken cancellationToken)
    {
        await RequireAsync(actor, cancellationToken);
        await _writes.RunAsync(
            async (db, token) =>
            {
                var user = await GetAsync(db, userId, token);
                await KeepAnAdminAsync(db, user, remains: false, token);
                db.Users.Remove(user);
                _events.Add(db, actor, EventTypes.UserDeleted, details: user.Name);
                return true;
            },
            cancellationToken);
        Announce(EventTypes.UserDeleted, userId);
    }

    /// <summary>What can't be a role of an account.</summary>
    private static void CheckRole(Role role, bool isService)
    {
        if (!Enum.IsDefined(role) || (isService && role is Role.ProjectAdmin or Role.ProjectMember))
        {
            throw new NcrException(NcrError.Invalid, isService ? "A service account can be a service admin, a service viewer or an image uploader." : "There is no such role.");
        }
    }

    private static (OneTimeLink Link, string Hash) NewLink(string user, DateTime now)
    {
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        return (new OneTimeLink(user, code, now + LinkLifetime), HashOf(code));
    }

    private (OneTimeLink Link, string Hash) NewLink(string user) => NewLink(user, _clock.GetUtcNow().UtcDateTime);

    /// <summary>A code has 160 random bits: a fast hash hides it well enough.</summary>
    internal static string HashOf(string code) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(code)));

    private static Expression<Func<User, UserRow>> RowOf(NcrDbContext db) => u => new UserRow(
        u.Id,
        u.Name,
        u.Role,
        u.IsService,
        u.IsDisabled,
        u.PasswordHash != "",
        u.ExternalId != null,
        u.CreatedAt,
        u.LastSignInAt,
        db.AccessKeys.Count(k => k.UserId == u.Id),
        db.RegistryMembers.Count(m => m.UserId == u.Id && m.Registry!.DeletionId == null));

    private static async Task<User> GetAsync(NcrDbContext db, long userId, CancellationToken cancellationToken) =>
        await db.Users.AsTracking().FirstOrDefaultAsync(u => u.Id == userId, cancellationToken) ?? throw new NcrException(NcrError.NotFound, "This user does not exist any more.");

    /// <summary>Nobody could ever undo what takes the last one away.</summary>
    private async Task KeepAnAdminAsync(NcrDbContext db, User user, bool remains, CancellationToken cancellationToken)
    {
        if (!remains && user is { Role: Role.ProjectAdmin, IsDisabled: false }
            && !await HasAnotherAdminAsync(db, user.Id, _oidc, cancellationToken))
        {
            throw new NcrException(NcrError.Conflict, $"'{user.Name}' is the last project admin who can sign in. Give another user that role first.");
        }
    }

    /// <summary>Whether there is another project admin who can sign in: by a password, or at the provider while there is one.</summary>
    internal static Task<bool> HasAnotherAdminAsync(NcrDbContext db, long userId, OidcOptions oidc, CancellationToken cancellationToken)
    {
        var isOn = oidc.IsOn;
        return db.Users.AnyAsync(u => u.Id != userId && u.Role == Role.ProjectAdmin && !u.IsDisabled && (u.PasswordHash != "" || (isOn && u.ExternalId != null)), cancellationToken);
    }

    private async Task AddAsync(Actor actor, string name, Role role, bool isService, string? linkHash, DateTime? linkExpiresAt, CancellationToken cancellationToken)
    {
        await RequireAsync(actor, cancellationToken);
        if (UserService.ExplainName(name) is { } fault)
        {
            throw new NcrException(NcrError.Invalid, fault);
        }

        CheckRole(role, isService);
        var id = await _writes.RunAsync(
            async (db, token) =>
            {
                if (await db.Users.AnyAsync(u => u.Name == name, token))
                {
                    throw new NcrException(NcrError.Conflict, $"There is a user '{name}' already.");
                }

                var user = new User
                {
                    Name = name,
                    Role = role,
                    IsService = isService,
                    LinkHash = linkHash,
                    LinkExpiresAt = linkExpiresAt,
                    CreatedAt = _clock.GetUtcNow().UtcDateTime,
                };
                db.Users.Add(user);
                _events.Add(db, actor, EventTypes.UserCreated, details: $"{name}: role {role}{(isService ? ", service account" : "")}");
                await db.SaveChangesAsync(token);
                return user.Id;
            },
            cancellationToken);
        Announce(EventTypes.UserCreated, id);
    }

    private async Task ChangeAsync(Actor actor, long userId, Func<NcrDbContext, User, CancellationToken, Task<string?>> change, CancellationToken cancellationToken)
    {
        await RequireAsync(actor, cancellationToken);
        await _writes.RunAsync(
            async (db, token) =>
            {
                if (await change(db, await GetAsync(db, userId, token), token) is { } what)
                {
                    _events.Add(db, actor, EventTypes.UserChanged, details: what);
                }

                return true;
            },
            cancellationToken);
        Announce(EventTypes.UserChanged, userId);
    }

    private void Announce(string type, long userId)
    {
        _identities.Drop();
        _events.Announce(new Change(type, null, null, userId));
    }

    private ValueTask RequireAsync(Actor actor, CancellationToken cancellationToken) => _access.RequireAsync(actor, Permission.ManageUsers, null, cancellationToken);
}
