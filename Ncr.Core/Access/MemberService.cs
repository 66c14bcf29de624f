using Microsoft.EntityFrameworkCore;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Paging;

namespace Ncr.Core.Access;

/// <summary>Who has a role in a registry, besides those whose role counts everywhere.</summary>
public sealed class MemberService
{
    /// <summary>Roles that can be given in one registry.</summary>
    public const int MaxMembers = 1_000;

    private const int MaxSuggestions = 10;

    private readonly IDbContextFactory<NcrDbContext> _dbFactory;
    private readonly WriteGate _writes;
    private readonly AccessService _access;
    private readonly IdentityCache _identities;
    private readonly EventLog _events;

    internal MemberService(IDbContextFactory<NcrDbContext> dbFactory, WriteGate writes, AccessService access, IdentityCache identities, EventLog events)
    {
        _dbFactory = dbFactory;
        _writes = writes;
        _access = access;
        _identities = identities;
        _events = events;
    }

    /// <summary>The members of a registry by name; at most <see cref="MaxMembers"/>.</summary>
    public async Task<IReadOnlyList<MemberRow>> ListAsync(Actor actor, string registry, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageMembers, registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        return await db.RegistryMembers.Where(m => m.Registry!.Name == registry).OrderBy(m => m.User!.Name)
            .Select(m => new MemberRow(m.UserId, m.User!.Name, m.User.IsService, m.User.IsDisabled, m.Role))
            .Take(MaxMembers)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Names of users that begin with a text, for choosing one.</summary>
    public async Task<IReadOnlyList<string>> SuggestAsync(Actor actor, string registry, string start, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageMembers, registry, cancellationToken);
        await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
        var pattern = LikePattern.StartsWith(start);
        return await db.Users.Where(u => EF.Functions.Like(u.Name, pattern, LikePattern.Escape)).OrderBy(u => u.Name).Select(u => u.Name).Take(MaxSuggestions).ToListAsync(cancellationToken);
    }

    /// <summary>Gives somebody a role in a registry, or another one.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Invalid"/>: no role for a registry. <see cref="NcrError.NotFound"/>: no such user or registry. <see cref="NcrError.Conflict"/>: too many.</exception>
    public async Task SetAsync(Actor actor, string registry, string user, Role role, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageMembers, registry, cancellationToken);
        if (!RoleMatrix.RegistryRoles.Contains(role))
        {
            throw new NcrException(NcrError.Invalid, "In a registry one can be a service admin, a service viewer or an image uploader.");
        }

        await ChangeAsync(
            actor,
            registry,
            async (db, registryId, token) =>
            {
                var found = await db.Users.Where(u => u.Name == user).Select(u => new { u.Id, u.Name }).FirstOrDefaultAsync(token)
                    ?? throw new NcrException(NcrError.NotFound, $"There is no user '{user}'.");
                var member = await db.RegistryMembers.AsTracking().FirstOrDefaultAsync(m => m.RegistryId == registryId && m.UserId == found.Id, token);
                var before = member?.Role;
                if (member is null && await db.RegistryMembers.CountAsync(m => m.RegistryId == registryId, token) >= MaxMembers)
                {
                    throw new NcrException(NcrError.Conflict, $"A registry may have {MaxMembers} members.");
                }

                if (member is null)
                {
                    db.RegistryMembers.Add(new RegistryMember { RegistryId = registryId, UserId = found.Id, Role = role });
                }
                else
                {
                    member.Role = role;
                    member.IsFromGroup = false; // Now somebody wants it so.
                }

                return before == role ? null : $"{found.Name}: {before?.ToString() ?? "no role"} → {role}";
            },
            cancellationToken);
    }

    /// <summary>Takes somebody's role in a registry away. Without one, nothing happens.</summary>
    public async Task RemoveAsync(Actor actor, string registry, long userId, CancellationToken cancellationToken)
    {
        await _access.RequireAsync(actor, Permission.ManageMembers, registry, cancellationToken);
        await ChangeAsync(
            actor,
            registry,
            async (db, registryId, token) =>
            {
                if (await db.RegistryMembers.AsTracking().Include(m => m.User).FirstOrDefaultAsync(m => m.RegistryId == registryId && m.UserId == userId, token) is not { } member)
                {
                    return null;
                }

                db.RegistryMembers.Remove(member);
                return $"{member.User!.Name}: {member.Role} → no role";
            },
            cancellationToken);
    }

    private async Task ChangeAsync(Actor actor, string registry, Func<NcrDbContext, long, CancellationToken, Task<string?>> change, CancellationToken cancellationToken)
    {
        await _writes.RunAsync(
            async (db, token) =>
            {
                var id = await db.Registries.Where(r => r.Name == registry).Select(r => (long?)r.Id).FirstOrDefaultAsync(token)
                    ?? throw new NcrException(NcrError.NotFound, $"There is no registry '{registry}'.");
                if (await change(db, id, token) is { } what)
                {
                    _events.Add(db, actor, EventTypes.MemberChanged, registry, details: what);
                }

                return true;
            },
            cancellationToken);
        _identities.Drop();
        _events.Announce(new Change(EventTypes.MemberChanged, registry, null));
    }
}
