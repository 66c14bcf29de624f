using Ncr.Core.Audit;
using Ncr.Core.Errors;
using Ncr.Core.Events;

namespace Ncr.Core.Access;

/// <summary>The one place that decides who may do what. Asked at every command, it looks the rights up as they are now (rule C5).</summary>
public sealed class AccessService
{
    private readonly IdentityCache _identities;
    private readonly RefusalLog _refusals;

    internal AccessService(IdentityCache identities, RefusalLog refusals)
    {
        _identities = identities;
        _refusals = refusals;
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

        if (actor.UserId is not { } userId || await _identities.FindUserAsync(userId, cancellationToken) is not { IsDisabled: false } user)
        {
            return false;
        }

        if (!actor.Limits.Allows(permission, registry))
        {
            return false;
        }

        return registry is not null ? user.Has(permission, registry)
            : RoleMatrix.Allows(user.Role, permission) || permission == Permission.ManageOwnAccessKeys
            || (permission is Permission.ViewRegistries or Permission.ViewImages or Permission.ViewAudit && user.Members.Any(m => RoleMatrix.Allows(m.Role, permission)));
    }

    /// <summary>Where somebody has a permission: lists show no other registries. Empty for who has it nowhere.</summary>
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

        if (RoleMatrix.Allows(user.Role, permission))
        {
            return actor.Limits.Registries is { } limited ? new RegistrySet(limited) : RegistrySet.All;
        }

        return new RegistrySet(user.Members.Where(m => RoleMatrix.Allows(m.Role, permission) && actor.Limits.Allows(permission, m.Registry)).Select(m => m.Registry).ToHashSet(StringComparer.Ordinal));
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
            _refusals.Note(EventTypes.CommandRefused, actor, registry, $"{permission} is not allowed by the {(actor.Limits.Allows(permission, registry) ? "role" : "access key's limits")}");
        }

        throw actor.UserId is null
            ? new NcrException(NcrError.Unauthenticated, "Sign in first: docker login with a User Access Key and its Secret Key.")
            : new NcrException(NcrError.Denied, Explain(actor, permission, registry));
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

    /// <summary>Call it after committing a change of which registries there are: roles in them go by name here.</summary>
    internal void Forget() => _identities.Drop();

    private static string Explain(Actor actor, Permission permission, string? registry)
    {
        var place = registry is null ? "" : $" in the registry '{registry}'";
        return actor.Limits.Allows(permission, registry)
            ? $"'{actor.Name}' lacks the permission {permission}{place}. Ask an administrator for a role that has it."
            : $"This access key of '{actor.Name}' is not made for {permission}{place}. Use another key, or change its limits in the console under Access keys.";
    }
}
