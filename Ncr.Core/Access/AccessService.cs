using Microsoft.EntityFrameworkCore;
using Ncr.Core.Audit;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Events;

namespace Ncr.Core.Access;

/// <summary>The one place that decides who may do what. Asked at every command, it looks the rights up as they are now (rule C5).</summary>
public sealed class AccessService
{
    private readonly IdentityCache _identities;
    private readonly PrivateEntrance _entrance;
    private readonly RefusalLog _refusals;
    private readonly IDbContextFactory<NcrDbContext> _dbFactory;

    internal AccessService(IdentityCache identities, PrivateEntrance entrance, RefusalLog refusals, IDbContextFactory<NcrDbContext> dbFactory)
    {
        _identities = identities;
        _entrance = entrance;
        _refusals = refusals;
        _dbFactory = dbFactory;
    }

    /// <param name="actor">Who asks.</param>
    /// <param name="permission">For what.</param>
    /// <param name="registry">In which registry; null for what belongs to none, and for lists over several: <see cref="RegistriesAsync"/> then says which.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    public async ValueTask<bool> IsAllowedAsync(Actor actor, Permission permission, string? registry, CancellationToken cancellationToken)
    {
        if (actor.IsSystem)
        {
            return true;
        }

        if (registry is null || !ReachesImages(permission))
        {
            return await HasRightAsync(actor, permission, registry, cancellationToken);
        }

        var door = await DoorOfAsync(registry, cancellationToken);
        return _entrance.Lets(actor, door)
            && ((door.AllowsAnonymousPull && permission is Permission.ViewImages or Permission.PullImage) || await HasRightAsync(actor, permission, registry, cancellationToken));
    }

    /// <summary>Where somebody has a permission: lists show no other registries. Empty for who has it nowhere. What anybody may pull is in nobody's lists for that.</summary>
    public async ValueTask<RegistrySet> RegistriesAsync(Actor actor, Permission permission, CancellationToken cancellationToken)
    {
        if (actor.IsSystem)
        {
            return RegistrySet.All;
        }

        if (actor.UserId is not { } userId || await _identities.FindUserAsync(userId, cancellationToken) is not { IsDisabled: false } user)
        {
            return new RegistrySet(new HashSet<string>());
        }

        var set = !RoleMatrix.Allows(user.Role, permission)
            ? new RegistrySet(user.Members.Where(m => RoleMatrix.Allows(m.Role, permission) && actor.Limits.Allows(permission, m.Registry)).Select(m => m.Registry).ToHashSet(StringComparer.Ordinal))
            : actor.Limits.Registries is { } limited ? new RegistrySet(limited)
            : RegistrySet.All;
        return ReachesImages(permission) ? await WithoutShutAsync(set, actor, cancellationToken) : set;
    }

    /// <summary>The roles of who asks; null for nobody.</summary>
    public async ValueTask<OwnRoles?> FindOwnRolesAsync(Actor actor, CancellationToken cancellationToken) =>
        actor.UserId is { } userId && await _identities.FindUserAsync(userId, cancellationToken) is { } user
            ? new OwnRoles(user.Role, [.. user.Members.OrderBy(m => m.Registry, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Registry, m.Role))])
            : null;

    /// <exception cref="NcrException"><see cref="NcrError.Unauthenticated"/> or <see cref="NcrError.Denied"/>.</exception>
    public async ValueTask RequireAsync(Actor actor, Permission permission, string? registry, CancellationToken cancellationToken)
    {
        if (await IsAllowedAsync(actor, permission, registry, cancellationToken))
        {
            return;
        }

        if (actor.UserId is not null)
        {
            _refusals.Note(EventTypes.CommandRefused, actor, registry, $"{permission} is not allowed {await WhyNotAsync(actor, permission, registry, cancellationToken)}");
        }

        throw actor.UserId is null
            ? new NcrException(NcrError.Unauthenticated, "Sign in first: docker login with a User Access Key and its Secret Key.")
            : new NcrException(NcrError.Denied, await ExplainAsync(actor, permission, registry, cancellationToken));
    }

    /// <summary>Whether somebody may learn that something is there and how large it is: who may pull it, and who pushes, since clients look before they push.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Unauthenticated"/> or <see cref="NcrError.Denied"/>.</exception>
    public async ValueTask RequireLookAsync(Actor actor, string registry, CancellationToken cancellationToken)
    {
        if (!await IsAllowedAsync(actor, Permission.PushImage, registry, cancellationToken))
        {
            await RequireAsync(actor, Permission.PullImage, registry, cancellationToken);
        }
    }

    /// <summary>Call it after committing a change of which registries there are, or of their doors: both go by name here.</summary>
    internal void Forget() => _identities.Drop();

    /// <summary>What goes through a registry's door. A registry's own settings do not: whoever shut it out of their own reach could never open it again.</summary>
    private static bool ReachesImages(Permission permission) =>
        permission is Permission.ViewImages or Permission.PullImage or Permission.PushImage or Permission.DeleteImage or Permission.DeleteArtifact or Permission.CreateTag or Permission.DeleteTag;

    private async ValueTask<bool> HasRightAsync(Actor actor, Permission permission, string? registry, CancellationToken cancellationToken)
    {
        if (actor.UserId is not { } userId || await _identities.FindUserAsync(userId, cancellationToken) is not { IsDisabled: false } user || !actor.Limits.Allows(permission, registry))
        {
            return false;
        }

        return registry is not null ? user.Has(permission, registry)
            : RoleMatrix.Allows(user.Role, permission) || permission == Permission.ManageOwnAccessKeys
            || (permission is Permission.ViewRegistries or Permission.ViewImages or Permission.ViewAudit && user.Members.Any(m => RoleMatrix.Allows(m.Role, permission)));
    }

    private async ValueTask<RegistryDoor> DoorOfAsync(string registry, CancellationToken cancellationToken) =>
        (await _identities.DoorsAsync(cancellationToken)).GetValueOrDefault(registry, RegistryDoor.Open);

    private async ValueTask<RegistrySet> WithoutShutAsync(RegistrySet set, Actor actor, CancellationToken cancellationToken)
    {
        var doors = await _identities.DoorsAsync(cancellationToken);
        if (doors.Count == 0 || doors.Values.All(d => _entrance.Lets(actor, d)))
        {
            return set;
        }

        var names = set.Names;
        if (names is null)
        {
            await using var db = await _dbFactory.CreateDbContextAsync(cancellationToken);
            names = await db.Registries.Where(r => r.DeletionId == null).Select(r => r.Name).ToHashSetAsync(StringComparer.Ordinal, cancellationToken);
        }

        return new RegistrySet(names.Where(n => _entrance.Lets(actor, doors.GetValueOrDefault(n, RegistryDoor.Open))).ToHashSet(StringComparer.Ordinal));
    }

    private async ValueTask<string> WhyNotAsync(Actor actor, Permission permission, string? registry, CancellationToken cancellationToken) =>
        !actor.Limits.Allows(permission, registry) ? "by the access key's limits"
        : registry is not null && await HasRightAsync(actor, permission, registry, cancellationToken) ? "from that network"
        : "by the role";

    /// <summary>That a registry is shut is said only to who could use it elsewhere.</summary>
    private async ValueTask<string> ExplainAsync(Actor actor, Permission permission, string? registry, CancellationToken cancellationToken)
    {
        var place = registry is null ? "" : $" in the registry '{registry}'";
        if (!actor.Limits.Allows(permission, registry))
        {
            return $"This access key of '{actor.Name}' is not made for {permission}{place}. Use another key, or change its limits in the console under Access keys.";
        }

        if (registry is null || !await HasRightAsync(actor, permission, registry, cancellationToken))
        {
            return $"'{actor.Name}' lacks the permission {permission}{place}. Ask an administrator for a role that has it.";
        }

        var door = await DoorOfAsync(registry, cancellationToken);
        return door.IsPublicUriOn || _entrance.IsOpenTo(actor)
            ? $"The registry '{registry}' can be reached from certain networks only, and {actor.Address ?? "this address"} is in none of them. An administrator may add it in the registry's settings."
            : $"The public URI of the registry '{registry}' is off, so it can't be reached from {actor.Address ?? "here"}. Use {(_entrance.Address is { } address ? $"the private URI {address.Authority}/{registry}" : "a private network")}.";
    }
}
